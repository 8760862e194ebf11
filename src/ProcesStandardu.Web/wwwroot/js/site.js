// Comfort only: every page works without this file.

// A form goes out once: its buttons wait while it is on its way. Coming back by the back button frees them.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button && form.dataset.once) {
    button.dataset.label = button.textContent;
    button.textContent = form.dataset.once;
    button.setAttribute("aria-disabled", "true");
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const button = form.querySelector("[data-label]");
    if (button) {
      button.textContent = button.dataset.label;
      button.removeAttribute("aria-disabled");
      delete button.dataset.label;
    }
  }
});

// The summary of errors takes the focus also where the browser ignores autofocus, but not from somebody who has moved on.
if (document.activeElement === document.body) {
  document.getElementById("bledy")?.focus();
}

// A link from the summary leads to the field and into it.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.getAttribute("href").slice(1));
  if (field) {
    event.preventDefault();
    field.focus();
    field.scrollIntoView({ block: "center" });
  }
});

// Typed words outlive a lost connection, an expired session and a reload: kept in this window, for this person and page, until
// the form was sent well. Then the next page shows a receipt, or no longer shows the form.
const sent = sessionStorage.getItem("draft-sent");
if (sent) {
  sessionStorage.removeItem("draft-sent");
  const [place, id] = JSON.parse(sent);
  if (document.querySelector(".receipt") || !document.getElementById(id)) {
    sessionStorage.removeItem(place);
  }
}
for (const form of document.querySelectorAll("form[data-draft]")) {
  const place = `draft:${form.dataset.draft}:${location.pathname}:${form.id}`;
  const fields = [...form.querySelectorAll("textarea, input[type=text]")].filter((field) => field.name);
  const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}");
  for (const field of fields) {
    if (!field.value && kept[field.name]) {
      field.value = kept[field.name];
    }
  }
  form.addEventListener("input", () => {
    sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
  });
  form.addEventListener("submit", () => sessionStorage.setItem("draft-sent", JSON.stringify([place, form.id])));
}
document.getElementById("wyloguj")?.addEventListener("submit", () => sessionStorage.clear());

// A file that takes long shows how far it is. The form goes out with the same fields to the same address.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const bar = form.querySelector("[data-upload]");
  const file = form.querySelector("input[type=file]");
  if (event.defaultPrevented || !bar || !file?.files.length) {
    return;
  }
  event.preventDefault();
  const request = new XMLHttpRequest();
  const fail = () => {
    bar.hidden = true;
    HTMLFormElement.prototype.submit.call(form);
  };
  request.upload.addEventListener("progress", (progress) => {
    if (progress.lengthComputable) {
      bar.hidden = false;
      bar.value = Math.round((100 * progress.loaded) / progress.total);
    }
  });
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL !== location.href) {
      location.assign(request.responseURL);
      return;
    }
    document.open();
    document.write(request.responseText);
    document.close();
  });
  request.addEventListener("error", fail);
  request.open("POST", form.action);
  request.send(new FormData(form, event.submitter));
});
