// Everything works without this script. With it: lists send their filter as it is chosen, a page that waits for something looks again, and long forms ask before they are left.
(function () {
  "use strict";
  var BYTES_MAX = 512 * 1024 * 1024;
  var dress = function (root) {
  root.querySelectorAll("form.filter select").forEach(function (s) {
    s.addEventListener("change", function () { s.form.submit(); });
  });
  root.querySelectorAll("button.danger").forEach(function (b) {
    b.addEventListener("click", function (e) {
      if (b.dataset.sure !== "1") {
        e.preventDefault();
        b.dataset.sure = "1";
        b.textContent = "⚠ " + b.textContent;
      }
    });
  });
  // Name, size and SHA-256 of a chosen paper; its bytes go nowhere. Web Crypto is there in secure contexts alone: elsewhere the fields are typed.
  root.querySelectorAll("[data-paper]").forEach(function (box) {
    if (!window.isSecureContext || !window.crypto || !window.crypto.subtle) { return; }
    var pick = box.querySelector("[data-paper-pick]"), said = box.querySelector("[data-paper-said]");
    var field = function (name) { return box.querySelector("[name=" + name + "]"); };
    pick.hidden = false;
    pick.querySelector("input").addEventListener("change", function () {
      var file = this.files[0];
      if (!file) { return; }
      field("document_name").value = file.name;
      field("document_bytes").value = String(file.size);
      field("document_sha256").value = "";
      if (file.size > BYTES_MAX) { said.textContent = box.dataset.large; return; }
      said.textContent = box.dataset.reading;
      file.arrayBuffer().then(function (bytes) { return window.crypto.subtle.digest("SHA-256", bytes); }).then(function (sum) {
        var hex = Array.prototype.map.call(new Uint8Array(sum), function (b) { return ("0" + b.toString(16)).slice(-2); });
        field("document_sha256").value = hex.join("");
        said.textContent = box.dataset.done;
      }, function (e) { said.textContent = String(e); });
    });
  });
  // A table that is chosen is put into the page as text: what is sent is what is seen.
  root.querySelectorAll("[data-load]").forEach(function (box) {
    var pick = box.querySelector("[data-load-pick]"), said = box.querySelector("[data-load-said]");
    var field = function (name) { return box.querySelector("[name=" + name + "]"); };
    pick.hidden = false;
    pick.querySelector("input").addEventListener("change", function () {
      var file = this.files[0];
      if (!file) { return; }
      file.text().then(function (text) {
        if (text.length > Number(box.dataset.load)) { said.textContent = box.dataset.large; return; }
        field("name").value = file.name;
        field("table").value = text.replace(/^\uFEFF/, "");
        said.textContent = box.dataset.done;
      }, function (e) { said.textContent = String(e); });
    });
  });
  };
  dress(document);
  // A page that listens looks again when the log has something for it. Who has typed something, or has been away for ten minutes, is only told: a page
  // that nobody reads must not keep a session alive.
  var main = document.getElementById("main");
  if (main && main.dataset.listen && window.EventSource && window.fetch && window.DOMParser) {
    var used = Date.now(), busy = false;
    ["pointerdown", "keydown", "scroll"].forEach(function (kind) {
      document.addEventListener(kind, function () { used = Date.now(); }, { passive: true });
    });
    var typed = function () {
      return Array.prototype.some.call(main.querySelectorAll("input,textarea,select"), function (f) {
        if (f === document.activeElement) { return true; }
        if (f.type === "checkbox" || f.type === "radio") { return f.checked !== f.defaultChecked; }
        return "defaultValue" in f && f.value !== f.defaultValue;
      });
    };
    var tell = function () {
      if (document.getElementById("fresh")) { return; }
      var said = document.createElement("p"), link = document.createElement("a");
      said.id = "fresh"; said.className = "done"; said.setAttribute("role", "status");
      link.href = window.location.href; link.textContent = main.dataset.fresh;
      said.appendChild(link); main.insertBefore(said, main.firstChild);
    };
    var look = function () {
      if (busy) { return; }
      if (document.hidden || typed() || Date.now() - used > 600000) { tell(); return; }
      busy = true;
      window.fetch(window.location.href, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error("not the page"); }
        return answer.text();
      }).then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
        if (!fresh || typed()) { tell(); return; }
        var open = Array.prototype.map.call(main.querySelectorAll("details"), function (d) { return d.open; });
        main.innerHTML = fresh.innerHTML;
        dress(main);
        main.querySelectorAll("details").forEach(function (d, n) { d.open = open[n] === true; });
      }).then(function () { busy = false; }, function () { busy = false; tell(); });
    };
    // A browser has few connections to one place: a page in the background has none, and goes on where it was.
    var events = null, last = main.dataset.after;
    var listen = function () {
      if (events) { events.close(); events = null; }
      if (document.hidden) { return; }
      events = new EventSource("/api/v1/events?after=" + encodeURIComponent(last));
      events.addEventListener(main.dataset.listen, function (e) { last = e.lastEventId || last; look(); });
    };
    document.addEventListener("visibilitychange", listen);
    window.addEventListener("pagehide", function () { if (events) { events.close(); } });
    listen();
  }
  var again = document.querySelector("[data-again]");
  if (again) {
    window.setTimeout(function () { window.location.reload(); }, Math.max(2, Number(again.dataset.again)) * 1000);
  }
})();
