import { ellipsesIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** What a menu offers; what cannot be done now is left out by its caller. */
export interface IMenuItem {
  label: string;
  onChoose: () => void;
}

/** A button with a small menu: what can be done with a run of a comparison. */
export function RunMenu(props: { label: string; items: readonly IMenuItem[] }): JSX.Element {
  const { label, items } = props;
  const [isOpen, setOpen] = React.useState(false);
  const button = React.useRef<HTMLButtonElement>(null);
  const list = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (isOpen) {
      list.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    }
  }, [isOpen]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const entries = [...(list.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    const targets: Record<string, number> = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at - 1 + entries.length) % entries.length,
      Home: 0,
      End: entries.length - 1
    };
    if (event.key in targets) {
      event.preventDefault();
      entries[targets[event.key]].focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    }
  };
  return (
    <span
      className="jp-TracksideCompare-menu"
      onBlur={event => {
        if (!event.currentTarget.contains(event.relatedTarget)) {
          setOpen(false);
        }
      }}
    >
      <button
        ref={button}
        type="button"
        className="jp-TracksideIconButton"
        title={label}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ellipsesIcon.react tag={null} width="14px" height="14px" />
      </button>
      {isOpen && (
        <div ref={list} role="menu" aria-label={label} onKeyDown={onKeyDown}>
          {items.map(item => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              onClick={() => {
                close();
                item.onChoose();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </span>
  );
}
