// Hands what was selected or created to the page that shows the dialog, as OSLC Core has it: by postMessage, or by window.name.
"use strict";

(() => {
  const byMessage = location.hash.includes("oslc-core-postMessage-1.0");
  const byName = location.hash.includes("oslc-core-windowName-1.0");
  const returnTo = byName ? sessionStorage.getItem("oslc-return") || window.name : "";
  if (byName) sessionStorage.setItem("oslc-return", returnTo);

  const answer = (results) => {
    const text = "oslc-response:" + JSON.stringify({ "oslc:results": results });
    if (byName) {
      sessionStorage.removeItem("oslc-return");
      window.name = text;
      // Only a page is a place to return to.
      if (/^https?:\/\//.test(returnTo)) location.replace(returnTo);
      return;
    }
    const other = window.parent !== window ? window.parent : window.opener;
    if (other) other.postMessage(text, "*");
  };

  // A search keeps the protocol, which is in the fragment.
  for (const form of document.querySelectorAll("form")) {
    form.action = location.pathname + (form.method === "post" ? location.search : "") + location.hash;
  }
  document.getElementById("ok")?.addEventListener("click", () => {
    const chosen = [...document.querySelectorAll("input[name=chosen]:checked")];
    answer(chosen.map((item) => ({ "oslc:label": item.dataset.label, "rdf:resource": item.value })));
  });
  document.getElementById("cancel")?.addEventListener("click", () => answer([]));
  const made = document.getElementById("made");
  if (made && (byMessage || byName)) {
    answer([{ "oslc:label": made.dataset.label, "rdf:resource": made.href }]);
  }
})();
