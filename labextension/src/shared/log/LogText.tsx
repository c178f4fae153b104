import * as React from 'react';

import type { ILine } from './screenline';
import type { ITextStyle } from './style';

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

function paint(color: number | string | undefined, fallback?: string): string | undefined {
  if (typeof color === 'number') {
    const bright = color >= 8 ? 'bright-' : '';
    return `var(--jp-trackside-ansi-${bright}${NAMES[color % 8]})`;
  }
  return color ?? fallback;
}

/** The inline style of a stretch of terminal text. */
export function cssOf(style: ITextStyle): React.CSSProperties {
  const ink = paint(style.color);
  const paper = paint(style.background);
  const css: React.CSSProperties = {};
  if (style.inverse) {
    css.color = paper ?? 'var(--jp-layout-color1)';
    css.backgroundColor = ink ?? 'var(--jp-ui-font-color1)';
  } else {
    css.color = ink;
    css.backgroundColor = paper;
  }
  if (style.bold) {
    css.fontWeight = 700;
  }
  if (style.faint) {
    css.opacity = 0.7;
  }
  if (style.italic) {
    css.fontStyle = 'italic';
  }
  if (style.underline) {
    css.textDecoration = 'underline';
  }
  return css;
}

/** A stretch to mark in a line: from, to, and whether it is the one chosen. */
export type Mark = readonly [number, number, boolean];

function cutAtMarks(text: string, offset: number, marks: readonly Mark[]): React.ReactNode {
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const [start, stop, chosen] of marks) {
    const from = Math.max(0, start - offset);
    const to = Math.min(text.length, stop - offset);
    if (to <= at || from >= text.length || to <= from) {
      continue;
    }
    parts.push(text.slice(at, from));
    parts.push(
      <mark key={from} className={chosen ? 'jp-mod-current' : undefined}>
        {text.slice(from, to)}
      </mark>
    );
    at = to;
  }
  parts.push(text.slice(at));
  return parts;
}

/** The inside of one line of a log: text only, never markup of the user's. */
export function LogText(props: { line: ILine; marks?: readonly Mark[] }): JSX.Element {
  const { line, marks } = props;
  const body = (text: string, offset: number): React.ReactNode =>
    marks && marks.length > 0 ? cutAtMarks(text, offset, marks) : text;
  let offset = 0;
  return (
    <>
      {line.spans
        ? line.spans.map((span, index) => {
            const start = offset;
            offset += span.text.length;
            return (
              <span key={index} style={cssOf(span.style)}>
                {body(span.text, start)}
              </span>
            );
          })
        : body(line.text, 0)}
      {line.cut ? <span className="jp-TracksideLog-cut"> … +{line.cut}</span> : null}
    </>
  );
}
