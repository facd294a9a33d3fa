// What a browser adds to the pages; each is complete without it. The switch between dark and light, results while a search is typed, answers
// that follow a slider, and readings as they arrive.
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
        const answer = await fetch(`${form.action}?${values}`, { signal: asked.signal });
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

  // A slider beside a number. When it is moved, the form is asked anew, and all that its section shows beside the form follows.
  const startSlider = (slider) => {
    const form = slider.form;
    const number = form.elements[slider.dataset.slides];
    const section = form.closest('section');
    let asked;
    const show = async () => {
      asked?.abort();
      asked = new AbortController();
      section.ariaBusy = 'true';
      try {
        const address = new URL(form.action);
        address.search = new URLSearchParams(new FormData(form));
        const answer = await fetch(address, { signal: asked.signal });
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const found = page.getElementById(section.id);
        if (!answer.ok || !found) return form.requestSubmit();
        const beside = (of) => [...of.children].filter((child) => !child.querySelector('[data-slides]') && child.tagName !== 'H2');
        beside(section).forEach((child) => child.remove());
        section.append(...beside(found));
        history.replaceState(null, '', address);
        section.ariaBusy = 'false';
      } catch (error) { if (error.name !== 'AbortError') form.requestSubmit(); }
    };
    slider.value = number.value;
    slider.hidden = false;
    slider.addEventListener('input', () => { number.value = slider.value; });
    slider.addEventListener('change', show);
    number.addEventListener('input', () => { slider.value = number.value; });
  };

  // The readings of a unit as they arrive, over the service's own WebSocket. Values of others are text, never markup.
  const LIVE = 'subscription Live($unit: ID!) { readings(twins: [$unit]) { lagged: laggedCount readings { at value unit { symbol } signal { name position } property { title } } } }';
  const LIVE_ROWS = 20;
  const startLive = (place) => {
    const status = place.querySelector('[role="status"]');
    const rows = place.querySelector('tbody');
    place.hidden = false;
    const socket = new WebSocket(new URL('../graphql', location.href.replace(/^http/, 'ws')), 'graphql-transport-ws');
    const send = (message) => socket.send(JSON.stringify(message));
    const cell = (text, name) => Object.assign(document.createElement('td'), { textContent: text, className: name });
    const show = ({ at, value, unit, signal, property }) => {
      const row = document.createElement('tr');
      const name = [property.title ?? signal.name, signal.position].filter(Boolean).join(', ');
      row.append(cell(at.replace('T', ' ').replace('Z', ''), ''), cell(name, ''), cell(unit ? `${value} ${unit.symbol}` : `${value}`, 'number'));
      rows.prepend(row);
      while (rows.children.length > LIVE_ROWS) rows.lastChild.remove();
    };
    socket.addEventListener('open', () => send({ type: 'connection_init' }));
    socket.addEventListener('close', () => { status.textContent = 'No longer connected; open the page again for more.'; });
    socket.addEventListener('message', (event) => {
      const message = JSON.parse(event.data);
      if (message.type === 'ping') send({ type: 'pong' });
      if (message.type === 'connection_ack') {
        send({ id: '1', type: 'subscribe', payload: { query: LIVE, variables: { unit: place.dataset.live } } });
        status.textContent = 'Connected: readings appear here as they arrive.';
        place.dataset.connected = 'true';
      }
      if (message.type === 'error') status.textContent = message.payload.map((error) => error.message).join('; ');
      const batch = message.type === 'next' ? message.payload.data?.readings : undefined;
      if (batch) {
        batch.readings.forEach(show);
        if (batch.lagged !== '0') status.textContent = `${batch.lagged} readings came too fast to be shown; they are stored.`;
      }
    });
  };

  // Where nobody signs in, a decision asks who makes it: the browser fills in what was typed the last time.
  const startPerson = (input) => {
    const key = `person.${input.name}`;
    try { input.value ||= localStorage.getItem(key) ?? ''; } catch { /* It is typed anew. */ }
    input.addEventListener('change', () => { try { localStorage.setItem(key, input.value); } catch { /* For this page. */ } });
  };

  document.addEventListener('DOMContentLoaded', () => {
    for (const place of document.querySelectorAll('[data-live]')) startLive(place);
    // What is under way is looked at again until it is over.
    if (document.querySelector('[data-awaits]')) setTimeout(() => location.reload(), 1500);
    for (const input of document.querySelectorAll('[data-person]')) startPerson(input);
    for (const slider of document.querySelectorAll('[data-slides]')) startSlider(slider);
    const button = document.getElementById('theme');
    if (button) startSwitch(button);
    const form = document.querySelector('form.search');
    if (form) startSearch(form, document.getElementById('found'));
  });
})();
