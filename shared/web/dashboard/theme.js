/** Light, dark, or as the system has it. The choice is kept for this browser. */
import { byId } from './dom.js';

const STORED = 'nodepool-theme';

export function startTheme() {
  const select = byId('theme', HTMLSelectElement);
  const root = document.documentElement;
  select.value = stored();
  const apply = () => {
    if (select.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = select.value;
  };
  apply();
  select.addEventListener('change', () => {
    apply();
    try {
      localStorage.setItem(STORED, select.value);
    } catch {
      // Storage may be forbidden; then it lasts as long as the page.
    }
  });
}

function stored() {
  try {
    const value = localStorage.getItem(STORED);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}
