/* The agreement about who is master, as core/ does it, in spin: 3 supervisors,
 * 2 servers (0 = M, the old master; 1 = X), epochs 1..E. Beside each step stands
 * the function that it mirrors: whoever changes one changes the other. The
 * asserts are the promises; check.sh runs it as built, and mutated.
 *
 * A configuration is named by its epoch; cfg[e] = its server + 1 (set once:
 * checked), cfg[0] = M. Offers and words (TELL) stay in flight for ever: lost =
 * never delivered, late, twice. A vote shows what its voter keeps and tells, as
 * it is when the vote is given. Lease of (i, ep[i]): alive[i]; it may end at any
 * moment; a vote binds its voter as long, so the leader is done before its
 * voters are. A crash at any moment, any number of times: voted, acc, com stay.
 * Orders to servers: po/dm[s], a bit an epoch: done at any later moment, in any
 * order between epochs, or lost with the server.
 *
 * Left out: data and their histories, names, how long anything takes, more than
 * one offer at a time from one leader, supervisors that forget.
 *
 * Switches: 1 or 0, the default is what is built. */
#ifndef E
#define E 2
#endif
#ifndef SC
#define SC 1         /* so often a server crashes */
#endif
#ifndef CARRY
#define CARRY 1      /* votes show what is kept */
#endif
#ifndef TELLFIRST
#define TELLFIRST 0  /* told before it is committed */
#endif
#ifndef BOUNDVOTE
#define BOUNDVOTE 1  /* only from whom one voted for something is kept */
#endif
#ifndef BOUND
#define BOUND 1      /* an order dies with the lease of its sender */
#endif
#ifndef TELLLEASE
#define TELLLEASE 1  /* told only while the votes bind */
#endif
#ifndef REVIVE
#define REVIVE 0     /* a vote that ran out is given again in its epoch */
#endif
#ifndef BELOW
#define BELOW 1      /* what never was committed hides nothing older */
#endif
#ifndef RS
#define RS 0         /* supervisor 2 is a redis-sentinel: 1 counts for the commit and tells at once, 2 is offered nothing */
#endif
#ifndef MTELL
#define MTELL 0      /* 1: also a member that learns late tells of masters only */
#endif
#ifndef P4
#define P4 1         /* told of masters only */
#endif
byte voted[3], vl[3], acc[3], com[3], st[3], ep[3], base[3], ch[3]; bool alive[3], tried[3], pend[3], led[3];
byte gr[9], gc[9]; byte cfg[4], ack[4], ldr[4], lbase[4]; byte told, role = 1, up = 3;
byte po[2], dm[2]; byte sc;
#define B(x) (1<<(x))
#define AD(e) (cfg[e]-1)
#define BIND(b) (voted[b]!=0 && ep[vl[b]]==voted[b] && alive[vl[b]])
#define MAX(a,b) ((a)>(b) -> (a) : (b))
#define MIN(a,b) ((a)<(b) -> (a) : (b))
#define MEDIAN(a,b,c) MAX(MIN(a,b), MIN(MAX(a,b),c))
#define IS(s) ((role>>(s))&1)
#define UP(s) ((up>>(s))&1)
#define MAJ(m) ((m)==3||(m)==5||(m)==6||(m)==7)
#define ACTS(j) (st[j]>=4 && st[j]<=7 && alive[j])
/* nobody else promotes, offers or moves */
#define ONLY(i) assert(!alive[i] || !ACTS((i+1)%3) && !ACTS((i+2)%3))
#define T(k) ((told>>(k))&1)
/* what a leader of epoch e goes by knows all that was told below e */
#define KNOWS(b,e) assert(!(T(1) && 1<e && b<1) && !(T(2) && 2<e && b<2))
/* nothing is told that a later leader did not know */
#define LATE(k,e) ((k)>(e) && lbase[k]!=0 && lbase[k]-1<(e))
#define TELLS(e) told=told|B(e); assert(!LATE(2,e) && !LATE(3,e)); assert(!P4 || IS(AD(e)))
#define DROP(i) if :: BOUND && ldr[ep[i]]==i+1 -> for (k : 0 .. 1) { po[k]=po[k]&(255-B(ep[i])); dm[k]=dm[k]&(255-B(ep[i])) } :: else fi; k=0
#define CLR(i) gr[i*3]=0; gr[i*3+1]=0; gr[i*3+2]=0; gc[i*3]=0; gc[i*3+1]=0; gc[i*3+2]=0; tried[i]=0; base[i]=0; ch[i]=0; pend[i]=0
#define HERE(i) (UP(AD(base[i])) && IS(AD(base[i])))
/* election_stand, election_vote_for_self */
#define ASK(i) :: d_step { !(RS && i==2) && (RS || i==0 || voted[0]+voted[1]+voted[2]>0) && st[i]==0 && !alive[i] && !BIND(i) && MAX(voted[i],acc[i])<E -> \
   voted[i]=MAX(voted[i],acc[i])+1; ep[i]=voted[i]; vl[i]=i; alive[i]=1; led[i]=0; st[i]=1 }
/* election_on_asked, and the view behind it */
#define GRANT(i,b) :: d_step { st[i]==1 && alive[i] && voted[b]<ep[i] && !BIND(b) -> voted[b]=ep[i]; vl[b]=i; gr[i*3+b]=acc[b]+1; gc[i*3+b]=com[b]; \
   if :: st[b]!=0 && !(st[b]==6 && !TELLLEASE) -> st[b]=0; CLR(b) :: else fi }
#define WON(i) gr[i*3]=0; gr[i*3+1]=0; gr[i*3+2]=0; gc[i*3]=0; gc[i*3+1]=0; gc[i*3+2]=0; \
   assert(ldr[ep[i]]==0 || ldr[ep[i]]==i+1); ldr[ep[i]]=i+1; led[i]=1; lbase[ep[i]]=base[i]+1; KNOWS(base[i],ep[i]); st[i]=2
/* ruling_make with two views: whoever of them keeps it may make a majority with the silent one */
#define WIN(i,b) :: d_step { st[i]==1 && alive[i] && gr[i*3+b]!=0 -> \
   base[i]=(CARRY -> MAX(acc[i],gr[i*3+b]-1) : acc[i]); pend[i]=(base[i]>com[i]); WON(i) }
/* ruling_make with all three: find_base, which looks below what one alone keeps */
#define WIN3(i,a,b) :: d_step { CARRY && st[i]==1 && alive[i] && gr[i*3+a]!=0 && gr[i*3+b]!=0 -> \
   pend[i]=(MAX(acc[i],MAX(gr[i*3+a]-1,gr[i*3+b]-1))>com[i]); \
   base[i]=MAX(com[i],MAX(gc[i*3+a],gc[i*3+b])); \
   base[i]=(BELOW -> MAX(base[i],MEDIAN(acc[i],gr[i*3+a]-1,gr[i*3+b]-1)) : \
      (MEDIAN(acc[i],gr[i*3+a]-1,gr[i*3+b]-1)==MAX(acc[i],MAX(gr[i*3+a]-1,gr[i*3+b]-1)) -> MEDIAN(acc[i],gr[i*3+a]-1,gr[i*3+b]-1) : com[i])); WON(i) }
/* commit_again */
#define REC(i) :: d_step { st[i]==2 && alive[i] && pend[i] && HERE(i) -> ch[i]=AD(base[i]); st[i]=5; ONLY(i) }
/* promotion_send; try_next once */
#define PR(i,s) :: d_step { st[i]==2 && alive[i] && UP(s) && (s!=AD(base[i]) || !IS(s)) -> ch[i]=s; po[s]=po[s]|B(ep[i]); st[i]=4; ONLY(i) } \
   :: d_step { st[i]==4 && alive[i] && !tried[i] && ch[i]!=s && UP(s) && (s!=AD(base[i]) || !IS(s)) -> tried[i]=1; ch[i]=s; po[s]=po[s]|B(ep[i]) }
/* confirm */
#define CONF(i) :: d_step { st[i]==4 && alive[i] && !(po[ch[i]]&B(ep[i])) && UP(ch[i]) && IS(ch[i]) -> st[i]=5; ONLY(i) }
/* commit_start, action_accept: one epoch, one server */
#define OFFER(i) :: d_step { st[i]==5 && alive[i] -> assert(cfg[ep[i]]==0 || cfg[ep[i]]==ch[i]+1); cfg[ep[i]]=ch[i]+1; st[i]=6; ONLY(i) }
/* commit_on_offer, is_acceptable; or our own save */
#define ACC(b,e) :: d_step { cfg[e]!=0 && !(RS==2 && b==2) && acc[b]<e && (BOUNDVOTE -> voted[b]==e && vl[b]==ldr[e]-1 : voted[b]<=e) -> acc[b]=e; ack[e]=ack[e]|B(b); \
   if :: voted[b]<e -> voted[b]=e; vl[b]=ldr[e]-1; if :: st[b]!=0 -> st[b]=0; CLR(b) :: else fi :: else fi; \
   if :: RS==1 && b==2 -> TELLS(e); com[b]=e :: else fi }
/* commit_settle, publish_saved: both under the lease */
#define TELL(i) :: d_step { st[i]==6 && (alive[i] || !TELLLEASE) && (TELLFIRST || MAJ(ack[ep[i]])) -> TELLS(ep[i]); com[i]=MAX(com[i],ep[i]); acc[i]=MAX(acc[i],ep[i]); \
   if :: alive[i] -> st[i]=7; ONLY(i) :: else -> st[i]=0; CLR(i) fi }
/* reconf_settle, repair: the others follow, the old master is demoted */
#define MOVE(i,s) :: d_step { st[i]==7 && alive[i] && s!=ch[i] && IS(s) && !(dm[s]&B(ep[i])) && !(po[s]&B(ep[i])) && UP(s) -> dm[s]=dm[s]|B(ep[i]) }
/* end_failover, failover_abort before anything is offered; let_go is EXPIRE and CRASH */
#define DONE(i) :: d_step { st[i]==7 || st[i]==2 || st[i]==4 -> st[i]=0; CLR(i) }
#define CRASH(i) :: d_step { st[i]!=0 -> st[i]=0; CLR(i) }
#define EXPIRE(i) :: d_step { alive[i] -> alive[i]=0; DROP(i); \
   if :: st[i]==6 && (!TELLLEASE || REVIVE) -> skip :: else -> st[i]=0; CLR(i) fi }
/* can_grant refuses that */
#define AGAIN(i,b) :: d_step { REVIVE && !alive[i] && st[i]==6 && voted[i]==ep[i] && voted[b]==ep[i] && led[i] -> alive[i]=1 }
/* hello_heard */
#define LEARN(b,e) :: d_step { T(e) && com[b]<e && (MTELL!=2 || IS(AD(e)) && UP(AD(e))) -> com[b]=e; acc[b]=MAX(acc[b],e); assert(MTELL!=1 || IS(AD(e))) }
/* servers */
#define EXEC(s,e) :: d_step { UP(s) && (po[s]&B(e)) -> po[s]=po[s]&(255-B(e)); role=role|B(s) } \
   :: d_step { UP(s) && (dm[s]&B(e)) -> dm[s]=dm[s]&(255-B(e)); role=role&(255-B(s)) }
#define SCR(s) :: d_step { UP(s) && sc<SC -> sc++; up=up&(255-B(s)); po[s]=0; dm[s]=0 } :: d_step { !UP(s) -> up=up|B(s) }
#if E==3
#define EP(A,x) A(x,1) A(x,2) A(x,3)
#else
#define EP(A,x) A(x,1) A(x,2)
#endif
#define SUP(i,a,b) ASK(i) GRANT(i,a) GRANT(i,b) WIN(i,a) WIN(i,b) WIN3(i,a,b) REC(i) PR(i,0) PR(i,1) CONF(i) OFFER(i) EP(ACC,i) TELL(i) \
   MOVE(i,0) MOVE(i,1) DONE(i) EXPIRE(i) AGAIN(i,a) AGAIN(i,b) EP(LEARN,i)
active proctype World() { byte k;
  cfg[0]=1;
end: do
  SUP(0,1,2) SUP(1,0,2) SUP(2,0,1)
  CRASH(0) CRASH(1) CRASH(2)
  EP(EXEC,0) EP(EXEC,1) SCR(0) SCR(1)
#ifdef COVER
  /* is that reachable at all: X told, again by another leader, and M after it? */
  :: d_step { told==COVER -> assert(false) }
#endif
  :: false -> skip
  od }
