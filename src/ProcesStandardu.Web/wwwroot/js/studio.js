// Glue around the unmodified Elsa Studio: gives its element what it needs, tells people what the server refused, keeps its own
// navigation inside our pages. Runs before Blazor starts.
(() => {
  const main = document.getElementById('studio');
  const api = location.origin + '/elsa/api';

  // Studio reads its culture here: dates and numbers as in the language of the page.
  localStorage.setItem('BlazorCulture', main.dataset.culture === 'en' ? 'en-US' : 'pl-PL');

  const element = document.createElement(main.dataset.element);
  element.setAttribute('remote-endpoint', api);
  // Studio can add one header of ours to its requests; it carries the token against forged ones.
  element.setAttribute('tenant-id-header-name', 'RequestVerificationToken');
  element.setAttribute('tenant-id', main.dataset.token);
  if (main.dataset.idAttribute) {
    element.setAttribute(main.dataset.idAttribute, main.dataset.id);
  }
  main.append(element);

  const definitions = '/studio/workflows/definitions';
  const instances = '/studio/workflows/instances';
  // Callbacks assigned before an element is upgraded would be lost.
  customElements.whenDefined(main.dataset.element).then(() => {
    main.querySelector('.studio-loading')?.remove();
    element.editWorkflowDefinition = id => location.assign(`${definitions}/${encodeURIComponent(id)}/edit`);
    element.viewWorkflowInstance = id => location.assign(`${instances}/${encodeURIComponent(id)}/view`);
  });

  // Studio goes to another of its pages by changing the address alone; here each page is a document.
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const next = new URL(address ?? location.href, document.baseURI);
    if (next.pathname === location.pathname) {
      push(state, title, address);
    } else {
      location.assign(next);
    }
  };

  // One name for one load of the page: the server tells by it who saved in between.
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(12)), byte => byte.toString(16).padStart(2, '0')).join('');
  let lastProblem = null;
  const notice = document.getElementById('studio-notice');
  const words = problem => [...new Set(Object.values(problem.errors ?? {}).flat())].join('\n') || problem.detail || problem.title;

  notice.querySelector('button').addEventListener('click', () => { notice.hidden = true; });

  const send = window.fetch.bind(window);
  window.fetch = async (resource, options) => {
    const url = new URL(resource instanceof Request ? resource.url : resource, document.baseURI);
    if (!url.href.startsWith(api + '/')) {
      return send(resource, options);
    }

    const request = new Request(resource, options);
    request.headers.set('X-Studio-Tab', tab);
    const answer = await send(request);
    if (!answer.ok) {
      lastProblem = { status: answer.status, text: null };
      if (answer.headers.get('Content-Type')?.startsWith('application/problem+json')) {
        const problem = lastProblem;
        problem.text = words(await answer.clone().json());
        if (answer.status === 400 && problem.text) {
          // A page that the sentence names can be gone to.
          const effects = /^\/obiegi\/[^\s/]+\/skutki$/;
          const parts = problem.text.split(new RegExp(`(/obiegi/[^\\s/]+/skutki|${notice.dataset.kept})`));
          notice.querySelector('p').replaceChildren(...parts.map(part => {
            if (part !== notice.dataset.kept && !effects.test(part)) {
              return part;
            }

            const link = document.createElement('a');
            link.href = effects.test(part) ? part : '/studio/odlozone';
            link.textContent = part;
            return link;
          }));
          notice.hidden = false;
        }
      }
    } else if (url.pathname === '/elsa/api/workflow-definitions' && request.method === 'POST') {
      notice.hidden = true;
    }

    return answer;
  };

  // Blazor shows this element when Studio has stopped for good. Whoever is no longer signed in is asked to sign in.
  const error = document.getElementById('blazor-error-ui');
  error.querySelector('a').addEventListener('click', event => {
    event.preventDefault();
    location.reload();
  });
  new MutationObserver(async () => {
    if (error.style.display !== 'block') {
      return;
    }

    error.style.display = 'flex';
    if (lastProblem?.text) {
      document.getElementById('studio-error-reason').textContent = lastProblem.text;
    }

    const here = await send(api + '/package/version', { headers: { Accept: 'application/json' } }).catch(() => null);
    if (here?.status === 401) {
      location.assign('/logowanie?powrot=' + encodeURIComponent(location.pathname));
    }
  }).observe(error, { attributes: true, attributeFilter: ['style'] });
})();
