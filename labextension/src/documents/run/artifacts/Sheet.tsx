import * as React from 'react';

import type { ITable } from './csv';

/** A table as it was read. */
export function Sheet(props: { table: ITable; label: string }): JSX.Element {
  const { table, label } = props;
  return (
    <div className="jp-TracksideSheet" tabIndex={0} role="group" aria-label={label}>
      <table className="jp-TracksideTable">
        <thead>
          <tr>
            {table.header.map((cell, at) => (
              <th key={at} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
