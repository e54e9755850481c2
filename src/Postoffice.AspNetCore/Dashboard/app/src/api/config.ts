/** What the server says in the page itself. */
interface Config {
  /** Where the API lies, relative to the page's base. */
  api: string;
  /** The visitor may look and change nothing. */
  read_only: boolean;
  version: string;
}

const told = document.querySelector<HTMLMetaElement>('meta[name=postoffice]')?.content;

export const config: Config = { api: '-/api', read_only: false, version: '', ...(told ? (JSON.parse(told) as Partial<Config>) : {}) };

/** The path below which all pages lie; it begins and ends with a slash. */
export const base = new URL('.', document.baseURI).pathname;

export const apiBase = new URL(config.api, document.baseURI).pathname;
