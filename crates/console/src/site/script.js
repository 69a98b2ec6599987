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
  var again = document.querySelector("[data-again]");
  if (again) {
    window.setTimeout(function () { window.location.reload(); }, Math.max(2, Number(again.dataset.again)) * 1000);
  }
})();
