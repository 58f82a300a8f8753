/** The line at the bottom that says what is going on, at a terminal only. Whatever is printed goes above it. Made of spaces and returns: it holds where colours are off. */

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const everyMs = 100;

export type Progress = {
  readonly during: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  readonly above: (write: () => void) => void;
};

/** @param draw writes to the terminal; undefined where nobody looks */
export const createProgress = (draw: ((text: string) => void) | undefined): Progress => {
  if (!draw) return { during: (_name, work) => work(), above: (write) => write() };
  const running: string[] = [];
  let drawn = 0;
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;
  const clear = (): void => {
    if (drawn > 0) draw(`\r${' '.repeat(drawn)}\r`);
    drawn = 0;
  };
  const show = (): void => {
    clear();
    if (running.length === 0) return;
    const text = `${frames[turn++ % frames.length]} ${running.join(', ')}`;
    drawn = text.length;
    draw(text);
  };
  const end = (name: string): void => {
    running.splice(running.indexOf(name), 1);
    if (running.length === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    show();
  };
  return {
    during: async (name, work) => {
      running.push(name);
      timer ??= setInterval(show, everyMs).unref();
      try {
        return await work();
      } finally {
        end(name);
      }
    },
    above: (write) => {
      clear();
      write();
      if (timer) show();
    },
  };
};
