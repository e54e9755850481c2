/** A page that is come back to needs so long to be as long as it was, at most. */
const patienceMilliseconds = 3_000;

/** How far each page was scrolled down when it was left. */
const places = new Map<string, number>();
let isReturning = false;

/** Back and Forward lead to where one was: a page is short until it has been read, so the browser cannot do that by itself. */
export function keepPlaces() {
  history.scrollRestoration = 'manual';
  addEventListener('scroll', () => isReturning || places.set(location.href, scrollY), { passive: true });
  addEventListener('popstate', () => returnTo(places.get(location.href) ?? 0));
}

function returnTo(place: number) {
  isReturning = true;
  const app = document.getElementById('app')!;
  const watcher = new ResizeObserver(() => {
    scrollTo(0, place);
    if (scrollY >= place - 1) {
      stop();
    }
  });
  const timer = setTimeout(stop, patienceMilliseconds);

  // Whoever scrolls or goes on meanwhile has the last word.
  const others = ['wheel', 'touchmove', 'keydown', 'pointerdown', 'popstate'];
  others.forEach(name => addEventListener(name, stop, { passive: true }));
  watcher.observe(app);

  function stop() {
    isReturning = false;
    watcher.disconnect();
    clearTimeout(timer);
    others.forEach(name => removeEventListener(name, stop));
  }
}
