// Runs before the first paint so that a dark page never flashes white; its own file because a strict content policy forbids inline scripts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem('bowline-theme');
  } catch {}
  const dark = choice ? choice === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
