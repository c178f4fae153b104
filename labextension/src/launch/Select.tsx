import * as React from 'react';

/** One of the choices: what is sent, and how it reads. */
export interface IChoice {
  value: string;
  label: string;
}

/** A labelled choice. What is chosen can be chosen on even when it is no longer offered. */
export function Select(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  choices: readonly IChoice[];
  className?: string;
}): React.ReactElement {
  const { label, value, onChange, choices, className } = props;
  const isOffered = choices.some(choice => choice.value === value);
  return (
    <label className={`jp-TracksideField ${className ?? ''}`}>
      <span>{label}</span>
      <select
        className="jp-TracksideSelect"
        value={value}
        onChange={event => onChange(event.target.value)}
      >
        {!isOffered && <option value={value}>{value}</option>}
        {choices.map(choice => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </label>
  );
}
