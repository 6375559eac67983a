/** The keyboard; only a terminal's can be told to pass every key on at once. */
interface Keyboard {
  setRawMode?(isRaw: boolean): unknown;
}

/**
 * What a shell expects of a program at its terminal: Ctrl-Z, or SIGTSTP, stops it; `fg` lets it go on.
 *
 * ```
 * Ctrl-Z ──▶ the terminal as it was ──▶ SIGTSTP to the whole job ──▶ (the shell) ──▶ fg: SIGCONT ──▶ every key at once
 * ```
 *
 * readline knows of Ctrl-Z, but stops one program only: with npm or sh in front, the shell never gets its terminal back.
 * And it leaves its input paused.
 */
export class JobControl {
  readonly #keyboard: Keyboard;
  readonly #onContinued: () => void;

  /** @param onContinued called when the program goes on, after all that the shell has written meanwhile */
  constructor(keyboard: Keyboard, onContinued: () => void) {
    this.#keyboard = keyboard;
    this.#onContinued = onContinued;
    if (keyboard.setRawMode !== undefined) this.#listen();
  }

  /** Stops all programs of the job; returns when they go on: at once, where there is no shell that could see to it. */
  readonly stop = (): void => {
    if (this.#keyboard.setRawMode === undefined) return;
    // With a listener SIGTSTP would stop nothing, and SIGCONT would be told of later, once more.
    this.detach();
    this.#keyboard.setRawMode(false);
    process.kill(0, 'SIGTSTP');
    this.#listen();
    this.#goOn();
  };

  /** Leaves the signals alone. */
  detach(): void {
    process.off('SIGTSTP', this.stop).off('SIGCONT', this.#goOn);
  }

  #listen(): void {
    process.on('SIGTSTP', this.stop).on('SIGCONT', this.#goOn);
  }

  readonly #goOn = (): void => {
    // After a stop that nobody could prepare for, Node thinks that the terminal is still raw, and would do nothing.
    this.#keyboard.setRawMode?.(false);
    this.#keyboard.setRawMode?.(true);
    this.#onContinued();
  };
}
