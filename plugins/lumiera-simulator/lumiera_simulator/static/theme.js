// Runs before the page is drawn, so that a chosen theme does not flash up in the other one.
document.documentElement.dataset.theme = localStorage.getItem("lumiera-theme") ?? "auto";
