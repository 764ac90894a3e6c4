// The demonstration's mailbox: a click copies a code.
for (const button of document.querySelectorAll("[data-app-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.appCopy);
    button.textContent = button.dataset.appCopied;
  });
}
