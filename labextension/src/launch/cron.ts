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
