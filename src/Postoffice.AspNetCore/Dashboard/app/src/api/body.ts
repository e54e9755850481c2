/** A JSON object of `members` (undefined ones are left out) and of `raw` ones: JSON as somebody wrote it, which goes into the body byte for byte. */
export function bodyOf(members: Record<string, unknown>, raw: Record<string, string | undefined> = {}): string {
  const given = Object.entries(members).filter(([, value]) => value !== undefined).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const asWritten = Object.entries(raw).filter(([, text]) => text !== undefined).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
  return `{${[...given, ...asWritten].join(',')}}`;
}

/** What is wrong with JSON that somebody wrote, to follow the field's name; undefined when it is an object. Nothing else may be put into a body as it is. */
export function objectError(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }

  return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'must be a JSON object: {…}';
}
