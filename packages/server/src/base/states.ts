/** State machines as total tables: a new state or event does not compile until every cell is decided, and the statements that move rows are made of the table. */

/** For each state what each event leads to; null: the event comes too late or too early, and changes nothing. */
export type Machine<State extends string, Event extends string> = Readonly<Record<State, Readonly<Record<Event, State | null>>>>;

/**
 * What the statement of an event needs: `update … set state = to where state = any(from)`.
 * @throws Error when the event leads nowhere, or to different states: then no single statement can be its
 */
export function transition<State extends string, Event extends string>(
  machine: Machine<State, Event>,
  event: Event,
): { readonly from: State[]; readonly to: State } {
  const cells = Object.entries(machine) as [State, Machine<State, Event>[State]][]; // a record's own keys and values
  const taken = cells.flatMap(([state, events]) => (events[event] === null ? [] : [{ state, to: events[event] }]));
  const [first, ...others] = new Set(taken.map(({ to }) => to));
  if (first === undefined || others.length > 0) throw new Error(`"${event}" leads to ${taken.length === 0 ? 'nothing' : 'several states'}`);
  return { from: taken.map(({ state }) => state), to: first };
}
