/** A form in which the end user says which of the provider's fields fills each field of the app, sees a record, and starts the sync. */
import { isFitting } from '@bowline/api/field-mapping';
import { BowlineElement, make } from './element.ts';
import { type AppField, type FieldMappingSource, MappingForm, mappingSource, type ProviderField } from './mapping-form.ts';

/**
 * The words of `<bowline-field-mapping>`.
 *
 * @example
 * mapping.texts = { save: 'Speichern und starten' };
 */
export type FieldMappingTexts = Partial<typeof english>;
const english = {
  title: 'Map your fields',
  loading: 'Loading fields…',
  retry: 'Try again',
  none: 'Not mapped',
  required: '(required)',
  preview: 'Preview a record',
  previewTitle: 'A record as it will arrive',
  empty: 'empty',
  save: 'Save and start',
  saving: 'Saving…',
  done: 'Saved. Your data is on its way.',
  wrong: 'Something is missing or does not fit: see above.',
};
type Row = { field: AppField; select: HTMLSelectElement; error: HTMLElement };

/**
 * `<bowline-field-mapping>`. Attribute: `url`, a route of your app that `fieldMappingHandler` of `@bowline/node` answers; or set `source`.
 * Event: `bowline-mapped` with the mapping, once it is stored and the sync started.
 *
 * @example
 * const mapping = document.createElement('bowline-field-mapping') as FieldMappingElement;
 * mapping.source = mappingSource('/api/field-mapping');
 */
export class FieldMappingElement extends BowlineElement {
  static readonly observedAttributes = ['url'];
  texts: FieldMappingTexts = {};
  #source: FieldMappingSource | undefined;
  #form: MappingForm | undefined;
  #rows: Row[] = [];
  #drawn: readonly AppField[] | undefined;
  readonly #fields = make('fieldset', { part: 'rows' });
  readonly #preview = make('section', { part: 'preview', 'aria-live': 'polite' });
  readonly #message = make('p', { part: 'message', role: 'status' });
  readonly #actions = make('div', { part: 'actions' });

  get source(): FieldMappingSource | undefined {
    return this.#source;
  }
  set source(source: FieldMappingSource | undefined) {
    this.#source = source;
    if (this.isConnected) this.#load();
  }

  connectedCallback(): void {
    this.#load();
  }
  attributeChangedCallback(): void {
    if (this.isConnected) this.#load();
  }

  #load(): void {
    const url = this.getAttribute('url');
    const source = this.#source ?? (url === null ? undefined : mappingSource(url));
    if (!source) return;
    const form = make('form', { part: 'form', novalidate: true, submit: (event) => this.#onSubmit(event) });
    form.append(this.#fields, this.#preview, this.#actions, this.#message);
    this.root.replaceChildren(form);
    this.#drawn = undefined;
    const made = new MappingForm(source, () => this.#form === made && this.#draw(made));
    this.#form = made;
    void made.load();
  }

  async #onSubmit(event: Event): Promise<void> {
    event.preventDefault();
    const mapping = await this.#form?.submit();
    if (mapping) this.tell('bowline-mapped', mapping);
    else this.#focusFirstIssue();
  }

  #focusFirstIssue(): void {
    this.#rows.find(({ select }) => select.getAttribute('aria-invalid') === 'true')?.select.focus();
  }

  get #texts(): typeof english {
    return { ...english, ...this.texts };
  }

  /** What is there stays there, so that the person keeps the focus. */
  #draw(form: MappingForm): void {
    const { state } = form;
    const texts = this.#texts;
    if (state.step !== 'loading' && state.step !== 'unloaded' && this.#drawn !== state.fields) this.#drawRows(form);
    for (const { field, select, error } of this.#rows) {
      const issue = state.issues.find((one) => one.field === field.name);
      select.value = state.mapping[field.name] ?? '';
      select.setAttribute('aria-invalid', String(issue !== undefined));
      error.textContent = issue?.message ?? '';
    }
    this.#drawPreview(form);
    const saving = state.step === 'saving';
    for (const button of this.#actions.children) button.setAttribute('aria-disabled', String(saving));
    const said = { loading: texts.loading, unloaded: state.failure, editing: state.failure, saving: texts.saving, done: texts.done }[
      state.step
    ];
    this.#message.textContent = said ?? (state.issues.length > 0 ? texts.wrong : '');
    this.dataset.state = state.step;
    if (state.step === 'unloaded') {
      this.#actions.replaceChildren(make('button', { type: 'button', part: 'button', click: () => void form.load() }, texts.retry));
    }
  }

  #drawRows(form: MappingForm): void {
    const { fields, available } = form.state;
    const texts = this.#texts;
    this.#drawn = fields;
    this.#rows = fields.map((field, index) => {
      const id = `field-${index}`;
      const error = make('span', { part: 'error', id: `${id}-error` });
      const choose = () => form.choose(field.name, select.value);
      const select = make('select', { part: 'select', id, 'aria-describedby': `${id}-error`, change: choose }, option('', texts.none));
      select.append(...available.filter((one) => isFitting(field, one)).map((one) => option(one.id, labelOf(one))));
      const chosen = form.state.mapping[field.name];
      // What is stored already is shown even when it no longer fits, so that the person sees what is wrong.
      if (chosen && ![...select.options].some(({ value }) => value === chosen)) select.append(option(chosen, chosen));
      if (field.required) select.setAttribute('aria-required', 'true');
      return { field, select, error };
    });
    const rows = this.#rows.map(({ field, select, error }) => {
      const label = make(
        'label',
        { part: 'label', for: select.id },
        `${field.label ?? field.name}${field.required ? ` ${texts.required}` : ''}`,
      );
      return make('div', { part: 'row' }, label, select, error);
    });
    this.#fields.setAttribute('aria-label', texts.title);
    this.#fields.replaceChildren(...rows);
    const preview = () => void form.preview().then(() => this.#focusFirstIssue());
    this.#actions.replaceChildren(
      make('button', { type: 'button', part: 'button secondary', click: preview }, texts.preview),
      make('button', { type: 'submit', part: 'button' }, texts.save),
    );
  }

  #drawPreview({ state: { preview, fields } }: MappingForm): void {
    this.#preview.hidden = preview === undefined;
    if (!preview) {
      this.#preview.replaceChildren();
      return;
    }
    const texts = this.#texts;
    const labels = new Map(fields.map((field) => [field.name, field.label ?? field.name]));
    const entries = Object.entries(preview).flatMap(([name, value]) => [
      make('dt', {}, labels.get(name) ?? name),
      make(
        'dd',
        {},
        value === null || value === undefined ? texts.empty : typeof value === 'object' ? JSON.stringify(value) : String(value),
      ),
    ]);
    this.#preview.replaceChildren(make('p', { part: 'preview-title' }, texts.previewTitle), make('dl', {}, ...entries));
  }
}

const labelOf = ({ label, id }: ProviderField) => label ?? id;
const option = (value: string, text: string) => make('option', { value }, text);
