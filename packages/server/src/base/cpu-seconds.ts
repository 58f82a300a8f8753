/** How much of a processor one run of each kind of function may use, as a setting has it. */
const usual = { sync: 3600, action: 300, webhook: 300, 'on-event': 60 };
const SECONDS_MAX = 86_400;

/** @returns undefined when it is not a list such as `sync:7200,action:60` */
export function parseCpuSeconds(text: string): Readonly<Record<keyof typeof usual, number>> | undefined {
  const seconds = { ...usual };
  for (const part of text.split(',').flatMap((one) => one.trim() || [])) {
    const [, name, amount] = part.match(/^([a-z-]+)\s*:\s*(\d{1,9})$/) ?? [];
    const kind = (['sync', 'action', 'webhook', 'on-event'] as const).find((one) => one === name);
    if (!kind || Number(amount) > SECONDS_MAX) return undefined;
    seconds[kind] = Number(amount);
  }
  return seconds;
}
