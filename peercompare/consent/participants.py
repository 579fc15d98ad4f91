"""The page for peer workers and participants, in plain words; FOR_PARTICIPANTS.md is the same text.

Every sentence about the tool must be true of the code: who changes the one looks at the other.
"""

PAGE = """\
# For peer workers and participants

This page is for you if a talk that you had was recorded, or if you work in such talks. It says what this
tool, which is called peercompare, does with your words. You can stop it.

## What the tool does with your words

- It reads a written copy of your talk. It does not use the sound.
- The talk is cut into small parts. People mark what the worker says. Does it sound like peer support, like
  a clinic, or like both? Or neither? The words of the others in the room are read, but they get no mark.
- The tool counts the marks and makes a report about places, kinds of work and times.
- If you said yes to it, a program may learn from your words how to mark new talk.

Each time that a study uses your words, the tool looks at your record. It asks: did you say yes to this use,
on this day? If not, your words are left out. It asks again for each use: to count, to teach a program, to
quote, and to share.

## What the tool never does

- It does not put people in order from best to worst. It does not pick out a person as a problem.
- It is not made for hiring, for pay or to punish anyone. No one should use it for that.
- Its reports show no number about real talks that stands on fewer than five workers.
- It does not show what you said, word for word, without a yes from each person in that talk. A list may
  show single words, but only ones that many people use.
- It does not say of any text that no one can know you in it. Names can be taken out, but someone who knows
  you may still see that it is you.

## Who can see what

- The people who keep the data can see your talk. So can those who mark it. They must have a reason.
- The tool writes down each time that a talk of yours is opened. It keeps the day, the name of the account
  and the reason. Ask the team to show you that list.
- A reader of the report sees counts. Your name is not in it.
- A worker can get a page about their own work, but only if they said yes. The team makes that page and must
  hand it to no one else.
- The tool can not stop a person who has a copy of the files from doing wrong. The team must keep them safe.

## How to stop it

Tell the study team that you want to stop. You do not have to say why. You can stop one use and say yes to
the rest. The team puts your choice into your record. A study of that day, or of a later day, leaves your
words out of what you stopped.

Some studies are set to an early day. They go by what you had said yes to on that day. So they can still use
your words, till the team takes them out.

So you can also ask the team to take your words out. The tool then finds what was made with them and shows the
team a list. Your words are blacked out in the files. What was made from them is thrown out. It can be made
again without you.

## What stopping can do, and what it can not

- It can take your words out of the files that the team has told the tool about. It can throw out programs
  that learned from you.
- It leaves a short note that something was taken out, and when. Your name and your words are not in the
  note. Your record of consent stays, to show that you stopped.
- What the worker said to you in the talk can stay in a study that is set to an early day. Ask the team.
- It can not take back a report that others have read, or a copy that was sent to others. The team has to
  ask for those.
- It can not find your words in what someone else said about you, or in a note that a person wrote. The team
  has to look.
- A count may change when you leave. That can not be helped.

## If you work in the talks: how to object

You can ask for a sheet with your own words and the marks that they got. You need to have said yes to pages
about your own work. Write yes next to each mark that you think is wrong. Say why. You can name a better
mark, but you do not have to.

The tool keeps what you wrote. Your reason is not printed in the report. If at least five workers are behind
it, the report shows its numbers two ways: as marked, and as the workers say. If you have your words taken
out, what you wrote goes too.

You can do this before a report goes out. Ask the team when that will be.

## What a number from this tool does not say

- It does not say if you are good at your work.
- It does not say why you said something, or how it felt to the other person.
- It does not say that peer words are good and clinic words are bad. Jobs have rules that workers did not
  make.
- A small count can be off. That is why most numbers come with a range.
- The marks come from people, and people can be wrong. The book of rules for the marks says who has checked
  it. Look there to see if any peer workers have.

## What this page can not tell you

It can not tell you who runs the study, how to reach them, or how long they keep your talk. Ask the team.
They have to tell you that.
"""
