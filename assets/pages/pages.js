// What a browser adds to the pages; each is complete without it. The switch between dark and light, and results while a search is typed.
(() => {
  'use strict';
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  if (stored()) root.dataset.theme = stored();

  const startSwitch = (button) => {
    button.hidden = false;
    button.addEventListener('click', () => {
      const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
      root.dataset.theme = dark ? 'light' : 'dark';
      try { localStorage.setItem('theme', root.dataset.theme); } catch { /* It lasts for this page. */ }
    });
  };

  const startSearch = (form, found) => {
    let asked;
    let waiting;
    const clear = () => { asked?.abort(); found.replaceChildren(); };
    const look = async () => {
      asked?.abort();
      asked = new AbortController();
      const values = new URLSearchParams(new FormData(form));
      if ((values.get('q') ?? '').trim().length < 2) return clear();
      try {
        const answer = await fetch(`/pages/search?${values}`, { signal: asked.signal });
        if (!answer.ok) return clear();
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const links = [...page.querySelectorAll('#results tbody td:first-child')].slice(0, 8);
        const list = document.createElement('ul');
        list.append(...links.map((cell) => { const item = document.createElement('li'); item.append(...cell.childNodes); return item; }));
        if (links.length === 0) list.append(Object.assign(document.createElement('li'), { textContent: 'Nothing is found.' }));
        found.replaceChildren(list);
      } catch (error) { if (error.name !== 'AbortError') clear(); }
    };
    form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(look, 200); });
    form.addEventListener('keydown', (event) => { if (event.key === 'Escape') clear(); });
    document.addEventListener('click', (event) => { if (!form.contains(event.target)) clear(); });
  };

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    if (button) startSwitch(button);
    const form = document.querySelector('form.search');
    if (form) startSearch(form, document.getElementById('found'));
  });
})();
