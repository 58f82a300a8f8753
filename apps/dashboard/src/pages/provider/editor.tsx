/** The editor of one of the environment's own providers: what is written is checked by the server, stored, and reaches the integrations that use it at once. */
import { useId, useRef, useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Notice } from '../../ui/empty.tsx';
import { Findings, findingsOf } from './findings.tsx';
import { goTo, SourceEditor } from './source-editor.tsx';

type EditorProps = {
  /** Empty while a new one has no name. */
  name: string;
  /** As it is stored, or what to start from. */
  yaml: string;
  isNew?: boolean;
  onSaved: () => void;
};

export function Editor({ name, yaml, isNew = false, onSaved }: EditorProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(yaml);
  const { check, save, reset } = useDefinition(name, onSaved);
  const last = save.isError ? save : check;
  const findings = findingsOf(last.error);
  const changed = isNew || text !== yaml;
  return (
    <Card
      title="Definition"
      about="YAML in the form of the catalogue's files. It holds no secrets: those are entered on the integration and when people connect."
      footer={
        <>
          <span className="min-w-0 flex-1 text-muted">{changed && !isNew && 'You have changes that are not saved.'}</span>
          <Button busy={check.isPending} disabled={name === ''} onClick={() => check.mutate(text)}>
            Check
          </Button>
          <Button tone="solid" busy={save.isPending} disabled={name === '' || !changed} onClick={() => save.mutate(text)}>
            {isNew ? 'Add provider' : 'Save'}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <SourceEditor
          ref={area}
          value={text}
          onChange={(next) => {
            setText(next);
            reset();
          }}
          findings={findings}
          describedBy={last.isError ? id : undefined}
        />
        {last.isError && (
          <Findings id={id} error={last.error} findings={findings} onGoTo={(finding) => area.current && goTo(area.current, finding)} />
        )}
        {!last.isError && check.isSuccess && <Passed usedBy={check.data.used_by} />}
      </div>
    </Card>
  );
}

/** Each forgets what the other found. */
function useDefinition(provider: string, onSaved: () => void) {
  const { api } = useEnvironment();
  const put = (yaml: string, dry_run: 'true' | 'false') =>
    api.customProviders.save({ params: { provider }, query: { dry_run }, body: { yaml } });
  const check = useChange({ run: (yaml: string) => put(yaml, 'true'), stale: [], quiet: true });
  const save = useChange({
    run: (yaml: string) => put(yaml, 'false'),
    stale: ['providers', 'integrations'],
    said: ({ created }) => (created ? 'The provider was added' : 'The definition was saved'),
    quiet: true,
    after: onSaved,
  });
  const reset = () => {
    check.reset();
    save.reset();
  };
  return { check, save, reset };
}

function Passed({ usedBy }: { usedBy: readonly string[] }) {
  return (
    <div role="status">
      <Notice tone="plain" title="Nothing is wrong with it.">
        {usedBy.length > 0 && `Saving it changes these integrations at once: ${usedBy.join(', ')}.`}
      </Notice>
    </div>
  );
}
