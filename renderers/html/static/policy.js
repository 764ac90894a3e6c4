// The one Trusted Types policy: text that a script would make HTML of is shown as text, whoever wrote the script.
// It must come before every other script, so it is no module: those wait for the page.
if (window.trustedTypes !== undefined) {
  const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  window.trustedTypes.createPolicy("default", {
    createHTML: (text) => text.replace(/[&<>"']/g, (sign) => SIGNS[sign]),
  });
}
