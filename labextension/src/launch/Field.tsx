import * as React from 'react';

/** A labelled text field, with what is wrong with it below. */
export function Field(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  hint?: string;
  mistake?: string;
  /** More than one line. */
  rows?: number;
  list?: string;
  disabled?: boolean;
  className?: string;
}): React.ReactElement {
  const { label, value, onChange, placeholder, hint, mistake, rows, list, disabled, className } =
    props;
  const id = React.useId();
  const shared = {
    className: 'jp-TracksideInput',
    value,
    placeholder,
    spellCheck: false,
    disabled,
    'aria-invalid': mistake ? true : undefined,
    'aria-describedby': mistake || hint ? id : undefined
  };
  return (
    <label className={`jp-TracksideField ${className ?? ''}`}>
      <span>{label}</span>
      {rows ? (
        <textarea {...shared} rows={rows} onChange={event => onChange(event.target.value)} />
      ) : (
        <input
          {...shared}
          type="text"
          list={list}
          autoComplete="off"
          onChange={event => onChange(event.target.value)}
        />
      )}
      {(mistake || hint) && (
        <small id={id} className={mistake ? 'jp-mod-mistake' : undefined}>
          {mistake || hint}
        </small>
      )}
    </label>
  );
}
