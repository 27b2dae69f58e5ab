/** The page of error codes, as text, from the registry in shared/base/error-codes.ts. */
import { errorCodes } from '../../shared/base/error-codes.ts';

export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(remedy)} |`,
  );
  return `<!-- Made by \`npm run generate\` from shared/base/error-codes.ts. Do not edit. -->
# Error codes

Every error that the programs log or print carries one of these codes. \`ZK_\` is about ZooKeeper,
\`NP_\` about Nodepool itself.

| Code | What it means | What to do |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
