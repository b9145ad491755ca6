// A picture that is wider than its frame begins at its focus.

for (const frame of document.querySelectorAll(".scroll")) {
  const focus = frame.querySelector(".fg-focus");
  if (!focus || frame.scrollWidth <= frame.clientWidth) continue;
  const [box, room] = [focus.getBoundingClientRect(), frame.getBoundingClientRect()];
  frame.scrollLeft += box.left + box.width / 2 - room.left - room.width / 2;
}
