// Runs before the page is drawn, so that a chosen theme does not flash up in the other one.
const chosen = localStorage.getItem("lumiera-theme");
document.documentElement.dataset.theme = ["light", "dark"].includes(chosen) ? chosen : "auto";
