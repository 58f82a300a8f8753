/** The metadata of a connection as JSON that can be edited; what cannot be parsed is never sent. */
import { useState } from 'react';
import { useChange } from '../../change.ts';
import { useEnvironment } from '../../environment.tsx';
import type { ConnectionDetail } from '../../queries.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Field, inputClass } from '../../ui/field.tsx';

export function MetadataEditor({ connection }: { connection: ConnectionDetail }) {
  const { api } = useEnvironment();
  const kept = JSON.stringify(connection.metadata ?? {}, null, 2);
  const [text, setText] = useState(kept);
  const parsed = parse(text);
  const save = useChange({
    run: (metadata: Record<string, unknown>) =>
      api.connections.setMetadata({
        query: {},
        body: { connection_id: connection.connection_id, provider_config_key: connection.provider_config_key, metadata },
      }),
    stale: ['connections'],
    said: 'The metadata was saved',
  });
  const changed = text !== kept;
  return (
    <Card
      title="Metadata"
      about="Anything your functions need to know about this connection. They read it with getMetadata()."
      footer={
        changed && (
          <>
            <span className="flex-1" />
            <Button onClick={() => setText(kept)}>Discard</Button>
            <Button tone="solid" disabled={!parsed.value} busy={save.isPending} onClick={() => parsed.value && save.mutate(parsed.value)}>
              Save
            </Button>
          </>
        )
      }
    >
      <Field label={<span className="sr-only">Metadata as JSON</span>} error={changed ? parsed.error : undefined}>
        {(ids) => (
          <textarea
            {...ids}
            spellCheck={false}
            rows={Math.min(16, Math.max(4, text.split('\n').length))}
            value={text}
            onChange={(event) => setText(event.target.value)}
            className={`${inputClass} resize-y bg-sunken p-3 font-mono text-xs leading-5`}
          />
        )}
      </Field>
    </Card>
  );
}

function parse(text: string): { value?: Record<string, unknown>; error?: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { error: 'Metadata is an object: { "name": value }' };
    return { value: { ...value } };
  } catch (error) {
    return { error: error instanceof Error ? error.message : 'This is not JSON' };
  }
}
