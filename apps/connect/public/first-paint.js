// Runs before the first paint so that a dark page never flashes white and a frame never hides the page behind it;
// its own file because the content policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const wanted = new URLSearchParams(location.search).get('theme');
  const dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  if (parent !== window) root.dataset.framed = '';
})();
