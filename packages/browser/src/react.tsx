/** `@bowline/browser/react`: the custom elements as components. React 18 sets no properties of custom elements, so a ref does. */
import { type CSSProperties, createElement, type ReactNode, useEffect, useRef } from 'react';
import type { AuthError } from './auth-error.ts';
import type { Bowline } from './client.ts';
import type { ConnectButtonTexts } from './connect-button.ts';
import type { ConnectionState, ConnectionStatusTexts } from './connection-status.ts';
import './elements.ts';
import type { FieldMappingTexts } from './field-mapping.ts';
import type { FieldMappingSource, Mapping } from './mapping-form.ts';
import type { AuthOptions, AuthResult } from './options.ts';

type Common = { className?: string; style?: CSSProperties; theme?: 'light' | 'dark'; children?: ReactNode };

/**
 * Of `<ConnectButton>`.
 *
 * @example
 * const props: ConnectButtonProps = { client, integration: 'github', onConnect: ({ connectionId }) => save(connectionId) };
 */
export type ConnectButtonProps = Common & {
  client: Bowline;
  /** The key of the integration. Without it, the connect page opens. */
  integration?: string;
  options?: AuthOptions;
  texts?: ConnectButtonTexts;
  onConnect?: (result: AuthResult) => void;
  onError?: (error: AuthError) => void;
};

/**
 * A button that connects.
 *
 * @example
 * const button = <ConnectButton client={client} integration="github">Connect GitHub</ConnectButton>;
 */
export function ConnectButton({ client, integration, options, texts = {}, onConnect, onError, ...common }: ConnectButtonProps): ReactNode {
  const events = { 'bowline-connect': onConnect, 'bowline-error': onError };
  return useElement('bowline-connect-button', { integration, ...common }, { client, options, texts }, events);
}

/**
 * Of `<ConnectionStatus>`.
 *
 * @example
 * const props: ConnectionStatusProps = { source: async () => ({ status: 'connected' }) };
 */
export type ConnectionStatusProps = Common & {
  /** Asks your backend. Keep it the same between renders, or it is asked at each. */
  source: () => Promise<ConnectionState>;
  texts?: ConnectionStatusTexts;
  onStatus?: (state: ConnectionState | undefined) => void;
};

/**
 * Whether a connection works. Its children stand beside the words.
 *
 * @example
 * const status = <ConnectionStatus source={source}><ConnectButton client={client} integration="github">Reconnect</ConnectButton></ConnectionStatus>;
 */
export function ConnectionStatus({ source, texts = {}, onStatus, ...common }: ConnectionStatusProps): ReactNode {
  return useElement('bowline-connection-status', common, { texts, source }, { 'bowline-status': onStatus });
}

/**
 * Of `<FieldMapping>`.
 *
 * @example
 * const props: FieldMappingProps = { source: mappingSource('/api/field-mapping') };
 */
export type FieldMappingProps = Omit<Common, 'children'> & {
  /** Keep it the same between renders, or the form loads anew at each. */
  source: FieldMappingSource;
  texts?: FieldMappingTexts;
  onMapped?: (mapping: Mapping) => void;
};

/**
 * A form in which the end user maps fields, sees a record and starts the sync.
 *
 * @example
 * const mapping = <FieldMapping source={source} onMapped={() => setStep('done')} />;
 */
export function FieldMapping({ source, texts = {}, onMapped, ...common }: FieldMappingProps): ReactNode {
  return useElement('bowline-field-mapping', common, { texts, source }, { 'bowline-mapped': onMapped });
}

type Listeners = Readonly<Record<string, ((detail: never) => void) | undefined>>;

function useElement(
  tag: string,
  { className, children, ...attributes }: Common & { integration?: string | undefined },
  properties: Readonly<Record<string, unknown>>,
  listeners: Listeners,
): ReactNode {
  const element = useRef<HTMLElement>(null);
  const latest = useRef(listeners);
  useEffect(() => {
    latest.current = listeners;
    for (const [name, value] of Object.entries(properties)) {
      if (element.current && Reflect.get(element.current, name) !== value) Reflect.set(element.current, name, value);
    }
  });
  const types = Object.keys(listeners).join();
  useEffect(() => {
    const { current } = element;
    const onEvent = (event: Event) => {
      // A child's event bubbles up here too; it is told by the child.
      if (event.target === current) latest.current[event.type]?.((event as CustomEvent<never>).detail); // only our own events are listened to
    };
    for (const type of types.split(',')) current?.addEventListener(type, onEvent);
    return () => {
      for (const type of types.split(',')) current?.removeEventListener(type, onEvent);
    };
  }, [types]);
  return createElement(tag, { ref: element, class: className, ...attributes }, children);
}

export type { ConnectionState } from './connection-status.ts';
export {
  type AppField,
  type FieldMappingSource,
  type FieldType,
  type Mappable,
  type Mapping,
  MappingError,
  type MappingIssue,
  mappingSource,
  type ProviderField,
} from './mapping-form.ts';
