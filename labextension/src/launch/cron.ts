/** A cron expression as KFP writes it, with seconds in front: people write five fields. */
export function sixFields(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  return (fields.length === 5 ? ['0', ...fields] : fields).join(' ');
}

/** A cron expression as people write it, where it does not need its seconds. */
export function fiveFields(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  return (fields.length === 6 && fields[0] === '0' ? fields.slice(1) : fields).join(' ');
}

/** Whether it has as many fields as one of both, or is a word such as `@daily`. */
export function isCron(cron: string): boolean {
  const { length } = cron.trim().split(/\s+/);
  return length === 5 || length === 6 || cron.trim().startsWith('@');
}
