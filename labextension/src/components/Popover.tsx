import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** The least distance from the edges of the window. */
const EDGE = 8;

const STOPS = 'button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]';

/**
 * Something small that opens below what belongs to it. It goes away on Escape, on Tab at its end and
 * when somebody clicks elsewhere, and the focus goes back to where it was.
 */
export function Popover(props: {
  label: string;
  anchor: HTMLElement;
  /** Whether it is a menu, which the Tab key has no stops in. */
  isMenu?: boolean;
  onClose: () => void;
  className?: string;
  children: React.ReactNode;
}): React.ReactElement {
  const { label, anchor, isMenu, className } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const latest = React.useRef(props.onClose);
  latest.current = props.onClose;

  React.useLayoutEffect(() => {
    // In the top layer nothing around it cuts it off.
    box.current?.setAttribute('popover', 'manual');
    box.current?.showPopover();
    const settle = (): void => {
      const node = box.current;
      if (!node) {
        return;
      }
      const at = anchor.getBoundingClientRect();
      const { offsetWidth } = node;
      const left = Math.min(at.left, window.innerWidth - offsetWidth - EDGE);
      const below = window.innerHeight - at.bottom - EDGE;
      const isAbove = below < 200 && at.top > below;
      node.style.left = `${Math.max(EDGE, left)}px`;
      node.style.top = isAbove ? '' : `${at.bottom + 2}px`;
      node.style.bottom = isAbove ? `${window.innerHeight - at.top + 2}px` : '';
      node.style.maxHeight = `${(isAbove ? at.top : below) - 4}px`;
    };
    settle();
    const observer = new ResizeObserver(settle);
    observer.observe(box.current!);
    window.addEventListener('resize', settle);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', settle);
    };
  }, [anchor]);

  React.useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const node = box.current!;
    (node.querySelector<HTMLElement>('[data-first]') ?? stopsIn(node)[0] ?? node).focus();
    const onPointer = (event: PointerEvent): void => {
      const target = event.target as Node;
      if (!node.contains(target) && !anchor.contains(target)) {
        latest.current();
      }
    };
    document.addEventListener('pointerdown', onPointer, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer, true);
      if (node.contains(document.activeElement) || document.activeElement === document.body) {
        (before?.isConnected ? before : anchor).focus({ preventScroll: true });
      }
    };
  }, [anchor]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    // Keys are for what is open, not for the table or the cell behind it.
    event.stopPropagation();
    if (event.key === 'Escape') {
      props.onClose();
    } else if (event.key === 'Tab') {
      const stops = stopsIn(box.current!);
      const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
      if (isMenu || document.activeElement === edge) {
        // The focus goes back, and forwards from there.
        if (event.shiftKey) {
          event.preventDefault();
        }
        props.onClose();
      }
    } else {
      moveAmongItems(box.current!, event);
    }
  };

  return (
    <div
      ref={box}
      role={isMenu ? 'menu' : 'dialog'}
      aria-label={label}
      className={`jp-TracksidePopover ${className ?? ''}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onClick={event => event.stopPropagation()}
      onDoubleClick={event => event.stopPropagation()}
    >
      {props.children}
    </div>
  );
}

/** A button that opens a {@link Popover}. */
export function PopoverButton(props: {
  label: string;
  /** What the button shows; its label if absent. */
  face?: React.ReactNode;
  title?: string;
  className?: string;
  isMenu?: boolean;
  disabled?: boolean;
  children: (close: () => void) => React.ReactNode;
}): React.ReactElement {
  const { label, face, title, className, isMenu, disabled } = props;
  const [anchor, setAnchor] = React.useState<HTMLElement | null>(null);
  const close = React.useCallback(() => setAnchor(null), []);
  return (
    <>
      <button
        type="button"
        className={className ?? 'jp-TracksideAction'}
        title={title ?? label}
        aria-label={face === undefined ? undefined : label}
        aria-haspopup={isMenu ? 'menu' : 'dialog'}
        aria-expanded={anchor !== null}
        disabled={disabled}
        onClick={event => setAnchor(anchor ? null : event.currentTarget)}
        onKeyDown={event => {
          if (event.key === 'ArrowDown' && !anchor) {
            event.preventDefault();
            event.stopPropagation();
            setAnchor(event.currentTarget);
          }
        }}
      >
        {face ?? label}
      </button>
      {anchor && (
        <Popover label={label} anchor={anchor} isMenu={isMenu} onClose={close}>
          {props.children(close)}
        </Popover>
      )}
    </>
  );
}

/** A line of a popover that does something. */
export function PopoverItem(props: {
  label: string;
  onClick: () => void;
  /** What stands at its end, such as a key. */
  detail?: string;
  checked?: boolean;
  disabled?: boolean;
}): React.ReactElement {
  const { label, onClick, detail, checked, disabled } = props;
  return (
    <button
      type="button"
      className="jp-TracksidePopover-item"
      aria-pressed={checked}
      disabled={disabled}
      onClick={onClick}
    >
      <span>{label}</span>
      {detail && <kbd>{detail}</kbd>}
    </button>
  );
}

/** What a menu offers. */
export interface IMenuItem {
  label: string;
  icon?: LabIcon.IMaybeResolvable;
  isDisabled?: boolean;
  onChoose: () => void;
}

/** A button that opens a menu, whose groups are looked up when it opens. */
export function MenuButton(props: {
  label: string;
  face?: React.ReactNode;
  className?: string;
  groups: () => readonly (readonly IMenuItem[])[];
}): React.ReactElement {
  const { groups, ...rest } = props;
  return (
    <PopoverButton {...rest} isMenu>
      {close =>
        groups()
          .filter(group => group.length > 0)
          .map((group, at) => (
            <React.Fragment key={at}>
              {at > 0 && <hr />}
              {group.map(({ label, icon, isDisabled, onChoose }) => (
                <button
                  key={label}
                  type="button"
                  role="menuitem"
                  className="jp-TracksidePopover-item"
                  tabIndex={-1}
                  disabled={isDisabled}
                  onClick={() => {
                    close();
                    onChoose();
                  }}
                >
                  <span>{label}</span>
                  {icon && <LabIcon.resolveReact icon={icon} tag={null} aria-hidden />}
                </button>
              ))}
            </React.Fragment>
          ))
      }
    </PopoverButton>
  );
}

function stopsIn(node: HTMLElement): HTMLElement[] {
  return [...node.querySelectorAll<HTMLElement>(STOPS)];
}

function moveAmongItems(node: HTMLElement, event: React.KeyboardEvent): void {
  const { tagName } = event.target as HTMLElement;
  const stops = stopsIn(node);
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const places: Record<string, number> = {
    ArrowDown: (at + 1) % stops.length,
    ArrowUp: (at - 1 + stops.length) % stops.length,
    // In a text these keys are the text's.
    ...(tagName === 'BUTTON' && { Home: 0, End: stops.length - 1 })
  };
  if (/^(SELECT|TEXTAREA)$/.test(tagName) || at < 0 || !(event.key in places)) {
    return;
  }
  event.preventDefault();
  stops[places[event.key]].focus();
}
