// A message that is pulled aside with a finger, towards the end of the line, is replied to.

import { direction } from "./labels.js";

const FAR = 64; // pixels
const STEEP = 24; // pixels up or down: this finger scrolls

export function swiped(row, reply) {
  let from = null;
  const pulled = ({ clientX, clientY }) => ({
    aside: (clientX - from.x) * (direction() === "rtl" ? -1 : 1),
    along: Math.abs(clientY - from.y),
  });
  const end = () => {
    from = null;
    row.style.translate = "";
  };
  row.addEventListener("touchstart", ({ touches }) => (from = touches.length === 1 ? { x: touches[0].clientX, y: touches[0].clientY } : null), { passive: true });
  row.addEventListener("touchmove", ({ touches }) => {
    if (!from) return;
    const { aside, along } = pulled(touches[0]);
    if (along > STEEP) return end();
    row.style.translate = `${Math.max(0, Math.min(aside, FAR)) * (direction() === "rtl" ? -1 : 1)}px`;
  }, { passive: true });
  row.addEventListener("touchend", ({ changedTouches }) => {
    if (from && pulled(changedTouches[0]).aside >= FAR) reply();
    end();
  });
  row.addEventListener("touchcancel", end);
}
