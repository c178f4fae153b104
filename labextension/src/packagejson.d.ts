// package.json is the only place that has the version; it lies outside of the compiler's root, so
// the bundler reads it and the compiler only learns its type.
declare module '*/package.json' {
  export const version: string;
}
