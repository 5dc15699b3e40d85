// Draws the charts in the colours of the stylesheet, and serves the buttons. The page is whole without it.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const data = JSON.parse(document.getElementById("data").textContent);
  const said = document.getElementById("said");
  let shown = data.page.trend.days.length;

  const paint = (value, styles) => {
    if (Array.isArray(value)) return value.map((part) => paint(part, styles));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, paint(part, styles)]));
    }
    const name = typeof value === "string" && /^var\((--[a-z-]+)\)$/.exec(value);
    return name ? styles.getPropertyValue(name[1]).trim() : value;
  };

  const draw = () => {
    if (!window.Plotly) return;
    const styles = getComputedStyle(root);
    for (const [key, figure] of Object.entries(data.figures)) {
      const box = document.getElementById(`chart-${key}`);
      const { data: traces, layout } = paint(figure, styles);
      layout.font.family = styles.getPropertyValue("--sans").trim();
      const days = data.page.trend.days.slice(-shown);
      if (days.length) layout.xaxis.range = [shift(days[0].day, -12), shift(days[days.length - 1].day, 12)];
      Plotly.react(box, traces, layout, { displayModeBar: false, responsive: true, showTips: false });
    }
  };

  // A day as plotly reads it, some hours on.
  const shift = (day, hours) => new Date(Date.parse(`${day}T00:00Z`) + hours * 36e5).toISOString().slice(0, 16);

  const tell = (text) => {
    said.textContent = text;
    said.classList.add("shown");
    setTimeout(() => said.classList.remove("shown"), 2500);
  };

  const copyByHand = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "offstage";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  };

  const copy = async (text, what) => {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyByHand(text);
    }
    tell(done ? `${what} copied.` : `${what} could not be copied: the browser refused.`);
  };

  document.getElementById("copy-summary").addEventListener("click", () => copy(data.page.summary, "Summary"));
  for (const button of document.querySelectorAll(".copy-fix")) {
    button.addEventListener("click", () => copy(data.page.findings[button.dataset.finding].brief, "Fix"));
  }
  document.getElementById("save-json").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(data.page, null, 2)], { type: "application/json" }));
    link.download = `mailgauge-${data.page.day}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  for (const button of document.querySelectorAll(".ranges button")) {
    button.addEventListener("click", () => {
      shown = Number(button.dataset.days);
      for (const other of document.querySelectorAll(".ranges button")) {
        other.setAttribute("aria-pressed", String(other === button));
      }
      draw();
    });
  }

  draw();
  if (window.Plotly) for (const view of document.querySelectorAll(".chart-box details")) view.open = false;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  // Paper is light in either mode.
  addEventListener("beforeprint", () => { root.classList.add("paper"); draw(); });
  addEventListener("afterprint", () => { root.classList.remove("paper"); draw(); });
})();
