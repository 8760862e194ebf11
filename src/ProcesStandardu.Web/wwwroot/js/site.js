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

// The summary of errors takes the focus also where the browser ignores autofocus.
document.getElementById("bledy")?.focus();

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

// Typed words outlive a lost connection or a closed window: kept in this browser per person's page until the form is sent well.
const drafts = document.querySelectorAll("form[data-draft]");
for (const form of drafts) {
  const place = `draft:${location.pathname}:${form.id}:${form.dataset.draft}`;
  const fields = () => [...form.querySelectorAll("textarea, input[type=text]")].filter((field) => field.name);
  try {
    const kept = JSON.parse(sessionStorage.getItem(place) ?? "{}");
    for (const field of fields()) {
      if (!field.value && kept[field.name]) {
        field.value = kept[field.name];
      }
    }
  } catch {
    sessionStorage.removeItem(place);
  }
  form.addEventListener("input", () => {
    sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(fields().map((field) => [field.name, field.value]))));
  });
}
