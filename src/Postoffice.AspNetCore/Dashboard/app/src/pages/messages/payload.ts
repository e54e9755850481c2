// A payload is shown as it was received. JSON.parse would round 12345678901234567890, make 1.0 a 1 and drop duplicate names; so its text is cut out of the
// answer, which carries it byte for byte, and indented by its tokens. The text is known to be JSON: the server writes it, and looks at the payload first.

const isSpace = (character: string | undefined) => character === ' ' || character === '\n' || character === '\r' || character === '\t';

function skipSpace(json: string, at: number): number {
  while (isSpace(json[at])) {
    at++;
  }

  return at;
}

/** @returns the place behind the string that begins at `at`. */
function skipString(json: string, at: number): number {
  for (let end = json.indexOf('"', at + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let slashes = 0;
    while (json[end - 1 - slashes] === '\\') {
      slashes++;
    }

    if (slashes % 2 === 0) {
      return end + 1;
    }
  }

  return json.length;
}

/** @returns the place of the comma or bracket that ends the value which begins at `at`, the space around it being part of it. */
function skipValue(json: string, at: number): number {
  for (let depth = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      at = skipString(json, at) - 1;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (depth === 0 && (character === ',' || character === '}' || character === ']')) {
      return at;
    } else if (character === '}' || character === ']') {
      depth--;
    }
  }

  return at;
}

/** @returns the exact text of the member that `path` leads to, from behind its colon on; undefined when there is none. */
export function memberText(json: string, path: string[]): string | undefined {
  let start = 0;
  for (const name of path) {
    const found = findMember(json, skipSpace(json, start), name);
    if (found === undefined) {
      return undefined;
    }

    start = found;
  }

  return json.slice(start, skipValue(json, start));
}

/** @returns the place behind the colon of the object's first member of that name. */
function findMember(json: string, at: number, name: string): number | undefined {
  if (json[at] !== '{') {
    return undefined;
  }

  do {
    const start = skipSpace(json, at + 1);
    if (json[start] !== '"') {
      return undefined;
    }

    const end = skipString(json, start);
    const colon = skipSpace(json, end);
    if (json.slice(start, end) === JSON.stringify(name)) {
      return colon + 1;
    }

    at = skipValue(json, colon + 1);
  } while (json[at] === ',');

  return undefined;
}

/** @returns the same tokens, one member or element a line. */
export function indent(json: string): string {
  const parts: string[] = [];
  let depth = 0;
  const line = () => '\n' + '  '.repeat(depth);
  for (let at = skipSpace(json, 0); at < json.length; at = skipSpace(json, at)) {
    const character = json[at]!;
    let end = at + 1;
    if (character === '{' || character === '[') {
      const next = skipSpace(json, end);
      if (json[next] === '}' || json[next] === ']') {
        parts.push(character, json[next]!);
        end = next + 1;
      } else {
        depth++;
        parts.push(character, line());
      }
    } else if (character === '}' || character === ']') {
      depth--;
      parts.push(line(), character);
    } else if (character === ',') {
      parts.push(character, line());
    } else if (character === ':') {
      parts.push(': ');
    } else {
      end = character === '"' ? skipString(json, at) : skipLiteral(json, at);
      parts.push(json.slice(at, end));
    }

    at = end;
  }

  return parts.join('');
}

/** @returns the place behind the number, true, false or null that begins at `at`. */
function skipLiteral(json: string, at: number): number {
  do {
    at++;
  } while (at < json.length && !isSpace(json[at]) && !',:]}'.includes(json[at]!));

  return at;
}
