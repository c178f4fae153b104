import type { IDisposable } from '@lumino/disposable';
import type { AccordionPanel } from '@lumino/widgets';

/** A section that gets less of the height than this cannot be read; what it gets then. */
const LEAST = 0.15;
const FAIR = 0.4;

/** Space that is left below what a section holds, in pixels. */
const BELOW = 8;

/** What a section needs: so many pixels, or whatever is left. It needs nothing while it is folded. */
export type Need = number | 'rest' | 'folded';

/**
 * Shares the height among the sections by what they hold, until the user does it.
 *
 * A short section gets as much as it needs; the one with the most to tell gets the rest.
 */
export class Room implements IDisposable {
  constructor(
    private readonly panel: AccordionPanel,
    /** The id of the section that gets the rest. */
    private readonly first: string
  ) {
    panel.handleMoved.connect(this.onMoved, this);
    panel.expansionToggled.connect(this.onToggled, this);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(panel.node);
    this.contents = new MutationObserver(() => {
      this.frame ??= requestAnimationFrame(() => {
        this.frame = undefined;
        this.fit();
      });
    });
    panel.widgets.forEach(({ node }) =>
      this.contents.observe(node, { childList: true, subtree: true })
    );
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.rest();
      this.panel.handleMoved.disconnect(this.onMoved, this);
      this.panel.expansionToggled.disconnect(this.onToggled, this);
    }
  }

  private fit(): void {
    const { panel } = this;
    const open = panel.widgets.filter(({ isHidden }) => !isHidden);
    const height = open.reduce((sum, { node }) => sum + node.offsetHeight, 0);
    if (height === 0) {
      return;
    }
    const needs = panel.widgets.map(({ id, isHidden, node }): Need => {
      if (isHidden) {
        return 'folded';
      }
      return id === this.first ? 'rest' : heightOf(node) + BELOW;
    });
    const shares = share(height, needs);
    const now = panel.relativeSizes();
    // What is right to a pixel is left alone.
    if (shares.some((size, at) => Math.abs(size - now[at]) * height > 1)) {
      panel.setRelativeSizes(shares);
    }
  }

  // What the user chose stays.
  private onMoved(): void {
    this.isChosen = true;
    this.rest();
  }

  private onToggled(_: AccordionPanel, index: number): void {
    if (this.isChosen) {
      giveRoom(this.panel, index);
    } else {
      this.fit();
    }
  }

  private rest(): void {
    this.sizes.disconnect();
    this.contents.disconnect();
    if (this.frame !== undefined) {
      cancelAnimationFrame(this.frame);
    }
  }

  private readonly sizes: ResizeObserver;
  private readonly contents: MutationObserver;
  private frame: number | undefined;
  private isChosen = false;
  private _isDisposed = false;
}

/** The parts of a height that sections get, of 1 in all. */
export function share(height: number, needs: readonly Need[]): number[] {
  const wanted = needs.map(need => (typeof need === 'number' ? Math.min(need, height * FAIR) : 0));
  const sum = wanted.reduce((total, size) => total + size, 0);
  if (!needs.includes('rest')) {
    const open = needs.filter(need => need !== 'folded').length;
    return wanted.map((size, at) => (sum > 0 ? size / sum : needs[at] === 'folded' ? 0 : 1 / open));
  }
  // Whoever gets the rest is never left without.
  const scale = Math.min(1, ((1 - FAIR) * height) / sum);
  return needs.map((need, at) => {
    const size = sum > 0 ? (wanted[at] * scale) / height : 0;
    return need === 'rest' ? 1 - (sum * (sum > 0 ? scale : 0)) / height : size;
  });
}

/** Give a section that was unfolded room: one that was folded from the start has none of its own. */
function giveRoom(panel: AccordionPanel, index: number): void {
  const sizes = panel.relativeSizes();
  if (panel.widgets[index].isHidden || sizes[index] >= LEAST) {
    return;
  }
  const others = 1 - sizes[index];
  panel.setRelativeSizes(
    sizes.map((size, at) => (at === index ? FAIR : (size / others) * (1 - FAIR)))
  );
}

/** How high an element is by what it holds, whatever room it has. */
function heightOf(element: HTMLElement): number {
  return [...element.children].reduce((sum, child) => {
    const { flexGrow, position } = getComputedStyle(child);
    if (position === 'absolute' && !child.classList.contains('lm-Widget')) {
      return sum;
    }
    const isStretched = Number(flexGrow) > 0 || child.classList.contains('lm-Widget');
    return (
      sum + (isStretched ? heightOf(child as HTMLElement) : (child as HTMLElement).offsetHeight)
    );
  }, 0);
}
