/* Results while somebody types: the combobox of the search box and of the palette. Both work without it. */
"use strict";

(() => {
  /** A text box and its list: the arrows move through the options, Enter opens one, Escape closes. */
  class Combobox {
    constructor(form) {
      this.form = form;
      this.box = form.querySelector("input[type=search]");
      this.list = form.querySelector("[role=listbox]");
      this.pop = form.querySelector("[data-pop]"); // what opens and closes; the palette's list is always there
      this.status = form.querySelector("[role=status]");
      const states = { role: "combobox", "aria-controls": this.list.id, "aria-autocomplete": "list", "aria-expanded": "false" };
      for (const [name, value] of Object.entries(states)) this.box.setAttribute(name, value);
      this.box.addEventListener("keydown", (event) => this.key(event));
      this.list.addEventListener("htmx:afterSwap", () => this.show());
      // A click must not take the focus out of the box: it would close the list before it is followed.
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      if (!this.pop) return;
      this.box.addEventListener("input", () => this.box.value.trim() || this.close());
      this.box.addEventListener("focus", () => this.options.length && this.box.value.trim() && this.open());
      form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || this.close());
      form.addEventListener("submit", () => this.close());
      window.addEventListener("pageshow", () => this.close());
    }

    get options() {
      return [...this.list.querySelectorAll("[role=option]")].filter((option) => !option.hidden);
    }

    get active() {
      return document.getElementById(this.box.getAttribute("aria-activedescendant") || "");
    }

    set active(option) {
      this.list.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
      if (!option) {
        this.box.removeAttribute("aria-activedescendant");
        return;
      }
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.box.setAttribute("aria-activedescendant", option.id);
    }

    /** New hits have come in. */
    show() {
      this.active = null;
      if (this.status) this.status.textContent = this.list.querySelector("[data-said]")?.dataset.said ?? "";
      if (!this.pop) return;
      if (this.box.value.trim() && this.form.contains(document.activeElement)) this.open();
      else this.close();
    }

    open() {
      this.pop.hidden = false;
      this.list.hidden = !this.options.length;
      this.box.setAttribute("aria-expanded", String(!this.list.hidden));
    }

    close() {
      this.active = null;
      this.pop.hidden = true;
      this.box.setAttribute("aria-expanded", "false");
    }

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const shown = !this.pop || !this.pop.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!this.options.length || !this.box.value.trim() && this.pop) return;
        event.preventDefault();
        if (!shown) this.open();
        this.move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Enter" && shown && this.active) {
        event.preventDefault();
        this.active.click();
      } else if (event.key === "Escape" && this.pop && shown) {
        event.preventDefault(); // the text stays; a second Escape clears it
        this.close();
      }
    }

    /** To the next option or the one before; between last and first lies the box itself. */
    move(step) {
      const options = this.options;
      const here = options.indexOf(this.active) + 1; // 0 is the box
      const there = (here + step + options.length + 1) % (options.length + 1);
      this.active = options[there - 1] ?? null;
    }
  }

  for (const form of document.querySelectorAll("form[data-combobox]")) new Combobox(form);

  /* --- the palette: Ctrl or Cmd with K, wherever one is ------------------------------------------------ */
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  class Palette extends Combobox {
    constructor(dialog) {
      super(dialog.querySelector("form"));
      this.dialog = dialog;
      this.own = dialog.querySelector("#palette-own");
      this.hits = dialog.querySelector("#palette-hits");
      this.box.addEventListener("input", () => {
        this.hits.replaceChildren(); // Enter must not open what was found for another text
        this.show();
      });
      // What was chosen happens on the page behind.
      this.list.addEventListener("click", (event) => event.target.closest("[role=option]") && dialog.close());
    }

    toggle() {
      if (this.dialog.open) {
        this.dialog.close();
        return;
      }
      this.box.value = "";
      this.hits.replaceChildren();
      this.own.replaceChildren();
      this.dialog.showModal();
      this.box.focus();
      htmx.ajax("GET", this.dialog.dataset.url, { source: this.own, target: this.own, swap: "innerHTML" });
    }

    show() {
      const words = plain(this.box.value).split(/\s+/).filter(Boolean);
      for (const option of this.own.querySelectorAll("[role=option]")) {
        const said = plain(option.textContent).split(/\s+/);
        option.hidden = !words.every((word) => said.some((part) => part.startsWith(word)));
      }
      for (const group of this.own.querySelectorAll("[role=group]")) {
        group.hidden = !group.querySelector("[role=option]:not([hidden])");
      }
      const { options } = this;
      this.active = options[0];
      this.box.setAttribute("aria-expanded", String(options.length > 0));
      this.status.textContent = words.length ? this.said() : "";
    }

    /** How much there is to choose from, the link to all results apart; nothing only once the hits are in. */
    said() {
      const { nothing, one, many } = this.status.dataset;
      const number = this.options.filter((option) => !option.matches(".all")).length;
      if (!number) return this.hits.querySelector("[data-said]") ? nothing : "";
      return number === 1 ? one : many.replace("{number}", number);
    }

    key(event) {
      if (event.key !== "Escape" || event.isComposing) {
        super.key(event);
        return;
      }
      event.preventDefault(); // a search field would clear its text first
      this.dialog.close();
    }
  }

  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const palette = new Palette(dialog);
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    if (document.querySelector("dialog[open]:not(#palette)")) return; // a question comes first
    event.preventDefault();
    palette.toggle();
  });
  for (const button of document.querySelectorAll("[data-open-palette]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.closest("[popover]")?.hidePopover();
      palette.toggle();
    });
  }
})();
