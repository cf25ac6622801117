// What is drawn for the screen is drawn again for paper.
const PAPER_WIDTH = 1024; // A4 across without its margins, in CSS pixels

/** Paper has its own width, and no way to scroll. */
function watchPrinting() {
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);
  window.addEventListener("beforeprint", () => {
    each(".figure:not(.wide) .plot", (plot) => plot.redraw(PAPER_WIDTH / 2 - 16));
    each(".figure.wide .plot", (plot) => plot.redraw(PAPER_WIDTH));
    each(".table", (table) => table.printRows());
  });
  window.addEventListener("afterprint", () => {
    each(".plot", (plot) => plot.redraw());
    each(".table", (table) => table.screenRows());
  });
}
