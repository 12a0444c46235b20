// Opens provenance beside the table instead of on a page of its own. Without script every link
// still leads there. Written for Chromium 83.
(function () {
  "use strict";
  var panel = document.getElementById("panel");
  if (!panel || !window.fetch || !window.DOMParser) { return; }
  var body = panel.querySelector(".panel-body");
  var open = panel.querySelector(".panel-open");
  var opener = null;
  var asked = 0;

  function mark(link) {
    if (opener) { opener.removeAttribute("aria-expanded"); }
    opener = link;
    if (opener) { opener.setAttribute("aria-expanded", "true"); }
  }

  function show(href, hash) {
    var mine = ++asked;
    open.href = href;
    fetch(href, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(function (text) {
      if (mine !== asked) { return; }
      var found = new DOMParser().parseFromString(text, "text/html").getElementById("provenance");
      if (!found) { window.location.href = href; return; }
      found.removeAttribute("id");
      body.textContent = "";
      body.appendChild(document.importNode(found, true));
      panel.hidden = false;
      body.scrollTop = 0;
      var target = null;
      if (hash) {
        target = Array.prototype.filter.call(body.querySelectorAll("[id]"), function (one) {
          return "#" + one.id === hash;
        })[0];
      }
      // Ids stay unique in the document.
      Array.prototype.forEach.call(body.querySelectorAll("[id]"), function (one) {
        if (one !== target) { one.removeAttribute("id"); }
      });
      if (target) { body.scrollTop = target.offsetTop - body.offsetTop; target.removeAttribute("id"); }
      panel.focus({ preventScroll: true });
      // The table is narrower beside the panel: keep what was clicked in sight.
      if (opener) { opener.scrollIntoView({ block: "nearest", inline: "nearest" }); }
    }).catch(function () {
      if (mine === asked) { window.location.href = href; }
    });
  }

  function close() {
    panel.hidden = true;
    body.textContent = "";
    asked += 1;
    var link = opener;
    mark(null);
    if (link) { link.focus({ preventScroll: true }); }
  }

  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) { return; }
    var link = event.target.closest ? event.target.closest("a[data-panel]") : null;
    if (!link || !document.querySelector("main table")) { return; }
    if (document.querySelector("main > #provenance")) { return; }
    event.preventDefault();
    if (!panel.contains(link)) { mark(link); }
    show(link.href, link.hash);
  });
  panel.querySelector(".panel-close").addEventListener("click", close);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && !panel.hidden) { close(); }
  });
}());
