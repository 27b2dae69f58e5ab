/**
 * The dialogs of this page: a question before something is done, and the token. They are the browser's
 * own modal dialogs, so focus stays inside, Escape closes them and focus goes back.
 *
 * @import { Actions } from './actions.js'
 */
import { h, setText } from './dom.js';

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} verb on the button
 * @property {boolean} [isDangerous]
 * @property {{ label: string, name: string }} [field] one line of text that goes with it
 * @property {(text: string) => Promise<string | undefined>} act resolves with what went wrong
 */

/**
 * Asks, acts, and stays open with the reason where that fails.
 *
 * @param {Question} question
 */
export function ask({ title, text, verb, isDangerous = false, field, act }) {
  const input =
    field && h('input', { type: 'text', name: field.name, maxlength: 500, autocomplete: 'off' });
  const doIt = h('button', { type: 'submit', class: isDangerous ? 'danger' : 'primary' }, verb);
  open({
    title,
    content: [
      h('p', {}, text),
      input && h('label', { class: 'field' }, h('span', {}, field.label), input),
    ],
    buttons: [doIt],
    submit: () => act(input ? input.value.trim() : ''),
  });
}

/** @param {Actions} actions */
export function askToken(actions) {
  const token = h('input', {
    type: 'password',
    autocomplete: 'off',
    required: true,
    spellcheck: 'false',
  });
  const keep = h('input', { type: 'checkbox' });
  open({
    title: 'Unlock actions',
    content: [
      h(
        'p',
        {},
        'With the admin token of this launcher nodes can be held and deleted, and images paused and built.',
      ),
      h('label', { class: 'field' }, h('span', {}, 'Admin token'), token),
      h('label', { class: 'check' }, keep, h('span', {}, 'Keep it until this tab is closed')),
    ],
    buttons: [h('button', { type: 'submit', class: 'primary' }, 'Unlock')],
    submit: () => actions.signIn(token.value.trim(), keep.checked),
  });
}

/**
 * @param {{
 *   title: string,
 *   content: readonly (Node | undefined)[],
 *   buttons: readonly HTMLButtonElement[],
 *   submit: () => Promise<string | undefined>,
 * }} parts
 */
function open({ title, content, buttons, submit }) {
  const problem = h('p', { class: 'problem', role: 'alert' });
  const cancel = h(
    'button',
    {
      type: 'button',
      onclick: () => {
        dialog.close();
      },
    },
    'Cancel',
  );
  const form = h(
    'form',
    { novalidate: false },
    h('h2', { id: 'dialog-title' }, title),
    ...content,
    problem,
    h('div', { class: 'buttons' }, cancel, ...buttons),
  );
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void run();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();

  async function run() {
    for (const button of buttons) button.disabled = true;
    setText(problem, '');
    const trouble = await submit();
    if (trouble === undefined) dialog.close();
    else setText(problem, trouble);
    for (const button of buttons) button.disabled = false;
  }
}
