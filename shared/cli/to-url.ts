/** The address of a web server from the command line; a wrong one is an error of the command line. */
export function toUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new Error(`--url ${text}: not an address like http://launcher.example.org:8005`);
}
