// Referrals without a public step for 90 days, with their authorities
let address = "https://sijil.example/api/v1/referrals?silent=90&sort=longest&lang=ar";
while (address) {
  const answer = await fetch(address);
  const page = await answer.json();
  if (!answer.ok) throw new Error(page.detail);
  for (const referral of page.data) {
    const last = referral.steps.at(-1);
    const names = Object.values(referral.authority?.name ?? {});
    console.log(referral.id, last?.step, last?.level, last?.date?.edtf ?? "?", names.join(" "));
  }
  address = page.next;
}
