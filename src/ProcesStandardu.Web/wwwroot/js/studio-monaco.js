// Studio makes a code editor for an input that is not in sight, and with it reads three megabytes of script before it draws anything.
// Here an editor is made when its place comes into sight, or when Studio asks something of it; whatever came first.
(() => {
  const editor = window.blazorMonaco.editor;
  const languages = window.blazorMonaco.languages;
  const folder = '_content/BlazorMonaco/lib/monaco-editor/min/vs/';
  const suffix = document.currentScript.dataset.suffix;

  let reading = null;
  const load = path => new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = path + suffix;
    script.onload = done;
    script.onerror = () => failed(new Error(path));
    document.head.append(script);
  });
  const read = () => reading ??= load(folder + 'loader.js')
    .then(() => load(folder + 'editor/editor.main.js'))
    .then(() => new Promise(done => window.require(['vs/editor/editor.main'], done)));

  // By the id of its place: how to make the editor now, or to forget it.
  const waiting = new Map();
  const inSight = (id, place) => new Promise(settle => {
    const watch = new ResizeObserver(() => place.offsetWidth > 0 && end(true));
    const end = isWanted => {
      watch.disconnect();
      waiting.delete(id);
      settle(isWanted);
    };
    const made = { end, done: null };
    waiting.set(id, made);
    watch.observe(place);
  });

  for (const name of ['create', 'createDiffEditor']) {
    const make = editor[name];
    editor[name] = function (id, ...rest) {
      const place = document.getElementById(id);
      if (!place) {
        return undefined;
      }

      const sight = inSight(id, place);
      const entry = waiting.get(id);
      entry.done = sight.then(async isWanted => {
        if (isWanted) {
          await read();
          if (place.isConnected) {
            make.call(editor, id, ...rest);
          }
        }
      });
      return entry.done;
    };
  }

  // What Studio asks of one editor has its id first; these are asked within and answer at once.
  const within = ['getEditorHolder', 'getEditor', 'getEditorLineNumber', 'redrawLineNumbers', 'removeCircularReferences', 'convertUriToString'];
  const made = ['create', 'createDiffEditor'];
  for (const name of Object.keys(editor).filter(key => typeof editor[key] === 'function' && !within.includes(key) && !made.includes(key))) {
    const act = editor[name];
    editor[name] = async function (id, ...rest) {
      const entry = waiting.get(id);
      if (entry && name === 'dispose') {
        entry.end(false);
        return undefined;
      }

      entry?.end(true);
      await (entry?.done ?? (window.monaco ? null : read()));
      return act.call(editor, id, ...rest);
    };
  }

  for (const name of Object.keys(languages).filter(key => typeof languages[key] === 'function')) {
    const act = languages[name];
    languages[name] = async (...args) => {
      await read();
      return act.apply(languages, args);
    };
  }
})();
