import * as React from 'react';

import { english, type ITrans } from './trans';

/** The translator of the views below. */
export const TransContext = React.createContext<ITrans>(english);

/** The translator in force here. */
export function useTrans(): ITrans {
  return React.useContext(TransContext);
}
