import type { AccordionPanel } from '@lumino/widgets';

/** A section that gets less of the height than this cannot be read; what it gets then. */
const LEAST = 0.15;
const FAIR = 0.4;

/** Give a section that was unfolded room: one that was folded from the start has none of its own. */
export function giveRoom(panel: AccordionPanel, index: number): void {
  const sizes = panel.relativeSizes();
  if (panel.widgets[index].isHidden || sizes[index] >= LEAST) {
    return;
  }
  const others = 1 - sizes[index];
  panel.setRelativeSizes(
    sizes.map((size, at) => (at === index ? FAIR : (size / others) * (1 - FAIR)))
  );
}
