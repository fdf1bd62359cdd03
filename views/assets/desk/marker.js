// Marks passages of a statement's text, with the mouse or by keyboard, and puts
// them into the form of a claim. Without this script a passage is pasted there.

const text = document.querySelector("[data-marker]");
const form = document.getElementById("claim");
const passage = document.getElementById("passage");
const span = document.getElementById("span");

// What is not the text itself, such as the numbers of claims, is not counted.
const bare = (node) => {
  for (const skipped of node.querySelectorAll("[data-skip]")) skipped.remove();
  return node.textContent;
};

// The number of characters (code points, as the server counts them) before a
// point of the text.
const before = (node, at) => {
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(node, at);
  return [...bare(range.cloneContents())].length;
};

const showWords = () => {
  const state = form.querySelector("[data-words]");
  const count = passage.value.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  state.textContent = state.dataset.words.replace("{n}", count);
  state.parentElement.classList.toggle("is-bad", count > Number(state.dataset.most));
};

// The passage that is selected in the text, without the space around it.
const take = () => {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return false;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return false;
  const all = [...bare(text.cloneNode(true))];
  let from = before(range.startContainer, range.startOffset);
  let to = before(range.endContainer, range.endOffset);
  while (from < to && /\s/u.test(all[from])) from++;
  while (to > from && /\s/u.test(all[to - 1])) to--;
  if (from === to) return false;
  passage.value = all.slice(from, to).join("");
  span.value = `${from}-${to}`;
  showWords();
  span.dispatchEvent(new Event("input", { bubbles: true })); // it is typed, so it is kept
  return true;
};

// Moves by words, or by characters with Alt: the word at which one is is
// selected, so that it can be seen; with Shift the passage grows or shrinks.
const move = (selection, forward, unit, extend) => {
  const start = selection.rangeCount ? selection.getRangeAt(0).cloneRange() : null;
  if (!start || !text.contains(selection.anchorNode)) {
    selection.collapse(text, 0);
    forward = true;
  }
  const towards = forward ? "forward" : "backward";
  if (extend && !selection.isCollapsed) {
    selection.modify("extend", towards, unit);
  } else {
    if (forward) {
      if (!selection.isCollapsed) selection.collapseToEnd();
      if (unit === "line") selection.modify("move", towards, unit);
    } else {
      if (!selection.isCollapsed) selection.collapseToStart();
      selection.modify("move", towards, unit);
    }
    selection.modify("extend", "forward", unit === "character" ? unit : "word");
  }
  if (start && (!text.contains(selection.focusNode) || !text.contains(selection.anchorNode))) {
    selection.removeAllRanges();
    selection.addRange(start);
  }
};

const steps = { ArrowLeft: "word", ArrowRight: "word", ArrowUp: "line", ArrowDown: "line" };

if (text && form) {
  document.addEventListener("selectionchange", take);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === text) {
      event.preventDefault();
      return;
    }
    const unit = steps[event.key];
    if (!unit || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const rtl = getComputedStyle(text).direction === "rtl";
    const forward = event.key === "ArrowDown" || event.key === (rtl ? "ArrowLeft" : "ArrowRight");
    move(getSelection(), forward, event.altKey && unit === "word" ? "character" : unit, event.shiftKey);
  });
  // When the key is up again: pressed on, it would open the list of topics.
  text.addEventListener("keyup", (event) => {
    if (event.key === "Enter" && event.target === text && take()) document.getElementById("topic").focus();
  });
}

if (form) {
  passage.addEventListener("input", () => {
    span.value = ""; // it is looked for again
    showWords();
  });

  // What was said before on the topic is shown as soon as there is one, and
  // compared again when what is compared changes.
  let asked = 0;
  const compare = async () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) fields.append(name, value);
    fields.set("do", "compare");
    const mine = ++asked;
    const answer = await fetch(form.dataset.compare, {
      method: "POST", body: fields, headers: { "X-Requested-With": "sijil" },
    });
    if (answer.ok && mine === asked) document.getElementById("earlier").innerHTML = await answer.text();
  };
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-compares], #value, [name^='paraphrase.']")) compare().catch(() => {});
  });
}
