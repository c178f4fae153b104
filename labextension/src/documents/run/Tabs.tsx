import * as React from 'react';

/** One tab: what it is called and what it shows. */
export interface ITab<T extends string> {
  id: T;
  label: string;
  render: () => React.ReactNode;
}

/** Tabs as screen readers know them. A panel is drawn when it is first chosen, and kept. */
export function Tabs<T extends string>(props: {
  label: string;
  tabs: readonly ITab<T>[];
  current: T;
  onChoose: (id: T) => void;
}): JSX.Element {
  const { label, tabs, current, onChoose } = props;
  const prefix = React.useId();
  const list = React.useRef<HTMLDivElement>(null);
  const [seen, setSeen] = React.useState<ReadonlySet<T>>(new Set([current]));
  if (!seen.has(current)) {
    setSeen(new Set([...seen, current]));
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const at = tabs.findIndex(tab => tab.id === current);
    const targets: Record<string, number> = {
      ArrowRight: (at + 1) % tabs.length,
      ArrowLeft: (at - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1
    };
    if (event.key in targets) {
      event.preventDefault();
      event.stopPropagation();
      const target = targets[event.key];
      onChoose(tabs[target].id);
      list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[target].focus();
    }
  };
  return (
    <>
      <div
        ref={list}
        role="tablist"
        aria-label={label}
        className="jp-TracksideTabs"
        onKeyDown={onKeyDown}
      >
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${prefix}-${tab.id}`}
            aria-controls={`${prefix}-${tab.id}-panel`}
            aria-selected={tab.id === current}
            tabIndex={tab.id === current ? 0 : -1}
            onClick={() => onChoose(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {tabs.map(tab => (
        <div
          key={tab.id}
          role="tabpanel"
          id={`${prefix}-${tab.id}-panel`}
          aria-labelledby={`${prefix}-${tab.id}`}
          className={`jp-TracksidePanel jp-mod-${tab.id}`}
          tabIndex={0}
          hidden={tab.id !== current}
        >
          {seen.has(tab.id) && tab.render()}
        </div>
      ))}
    </>
  );
}
