// Everything works without this script. With it: lists send their filter as it is chosen, a page that waits for something looks again, and long forms ask before they are left.
(function () {
  "use strict";
  document.querySelectorAll("form.filter select").forEach(function (s) {
    s.addEventListener("change", function () { s.form.submit(); });
  });
  document.querySelectorAll("button.danger").forEach(function (b) {
    b.addEventListener("click", function (e) {
      if (b.dataset.sure !== "1") {
        e.preventDefault();
        b.dataset.sure = "1";
        b.textContent = "⚠ " + b.textContent;
      }
    });
  });
  // Name, size and SHA-256 of a chosen paper; its bytes go nowhere. Web Crypto is there in secure contexts alone: elsewhere the fields are typed.
  var BYTES_MAX = 512 * 1024 * 1024;
  document.querySelectorAll("[data-paper]").forEach(function (box) {
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
  document.querySelectorAll("[data-load]").forEach(function (box) {
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
  var again = document.querySelector("[data-again]");
  if (again) {
    window.setTimeout(function () { window.location.reload(); }, Math.max(2, Number(again.dataset.again)) * 1000);
  }
})();
