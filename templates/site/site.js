/* backupmon status site: live ages, staleness, search. No dependency, no request but data/stamp.js. */
(function(){"use strict";
var D=document,R=D.documentElement,T=D.body.dataset,root=R.dataset.root||"",lang=R.lang,timeless=!R.dataset.generated;
var made=Date.parse(R.dataset.generated||""),valid=Date.parse(R.dataset.valid||"");
function $(s){return D.querySelector(s)}
function all(s,r){return Array.prototype.slice.call((r||D).querySelectorAll(s))}
function fill(t,o){return t.replace(/\{(\w+)\}/g,function(_,n){return o[n]==null?"":o[n]})}
function span(s){var m=Math.max(0,Math.floor(s/60)),h=Math.floor(m/60),d=Math.floor(h/24),M=" "+T.minute,H=" "+T.hour,J=" "+T.day;
 if(h<1)return m+M;if(h<10)return h+H+(m%60?" "+m%60+M:"");if(h<48)return h+H;
 if(d<10)return d+J+(h%24?" "+h%24+H:"");return d+J}
function when(ms){var o={weekday:"short",day:"numeric",month:"short",year:"numeric",hour:"2-digit",minute:"2-digit",hour12:false,timeZone:R.dataset.tz};
 try{return new Date(ms).toLocaleString(lang==="en"?"en-GB":lang,o)}catch(e){return new Date(ms).toISOString()}}
function ages(){all("time[data-a]").forEach(function(t){t.textContent=fill(T.ago,{span:span((Date.now()-Date.parse(t.dateTime))/1000)})})}
/* A page that cannot know must not say green: the verdict itself is withdrawn. */
function banner(text){var b=$("#stale");b.querySelector("p").textContent=text;b.hidden=!text}
function grey(text){R.dataset.fresh="old";var v=$(".ver"),w=$("#wait");if(w)w.hidden=true;if(!v||v.dataset.grey===text)return;v.dataset.grey=text;
 v.className="ver v-unknown";v.querySelector("svg.i use").setAttribute("href","#K");
 if(!timeless&&$(".hero.ov")){v.querySelector("h1").textContent=T.staleHeading;D.title=T.staleHeading+" · "+$(".brand").textContent}
 var p=D.createElement("p"),x=v.querySelector(".ex");p.textContent=text;p.className="since";x.textContent="";x.appendChild(p);
 $("link[rel=icon]").href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='8' fill='%2374828e'/></svg>"}
function judge(){if(isNaN(made))return;var now=Date.now();
 if(now>valid){banner(fill(T.staleText,{span:span((now-made)/1000)}));grey(fill(T.unknownSince,{time:when(made)}))}
 else if(made-now>3e5){banner(T.clockAhead);grey(T.clockAhead)}
 else if(R.dataset.fresh!=="old"){R.dataset.fresh="yes";banner("");var w=$("#wait");if(w)w.hidden=true}}
/* The stamp says when the newest run wrote the site. It is a script, because fetch() fails from file://. */
window.bmStamp=function(s){var at=Date.parse(s.generated_at),w=$("#written");
 if(timeless){made=at;valid=Date.parse(s.valid_until);var t=w.querySelector("time");t.dateTime=s.generated_at;t.textContent=when(at);w.hidden=false;
  if(R.dataset.fresh==="old"&&Date.now()<=valid){location.reload();return}judge();return}
 if(at>made){var a=D.activeElement;if(a&&/INPUT|SELECT/.test(a.tagName))$("#new").hidden=false;else location.reload()}};
function poll(){var s=D.createElement("script");s.src=root+"data/stamp.js?"+Math.floor(Date.now()/1e3);
 s.onload=function(){s.remove()};s.onerror=function(){s.remove();if(isNaN(made)){banner(T.stampMissing);grey(T.stampMissing)}};D.head.appendChild(s)}
ages();judge();if(timeless)poll();
setInterval(function(){ages();judge()},3e4);setInterval(poll,6e4);
D.addEventListener("visibilitychange",function(){if(!D.hidden){ages();judge();poll()}});
all("[data-reload]").forEach(function(b){b.onclick=function(){location.reload()}});
/* Search and filter over the rows that the server drew. */
var tools=$("#tools"),list=$("#list");if(!tools)return;tools.hidden=false;
var q=$("#q"),fs=$("#fs"),out=$("#out"),rows=all("tr[data-s]",list);
tools.onsubmit=function(e){e.preventDefault()};
function run(){var words=q.value.toLowerCase().split(/\s+/).filter(Boolean),s=fs?fs.value:"",n=0;
 all("tbody",list).forEach(function(b){var k=0,bt=b.getAttribute("data-q")||"";
  all("tr[data-s]",b).forEach(function(r){var t=bt+" "+r.getAttribute("data-q"),
   ok=(!s||r.getAttribute("data-s").split(" ").indexOf(s)>=0)&&words.every(function(w){return t.indexOf(w)>=0});
   r.hidden=!ok;if(ok){k++;n++}});b.hidden=!k});
 $("#zero").hidden=n>0||!rows.length;out.textContent=fill(T.shown,{n:n,total:rows.length});
 all(".chip[data-s]").forEach(function(c){c.setAttribute("aria-current",String(c.getAttribute("data-s")===s))})}
q.oninput=run;if(fs)fs.onchange=run;
all(".chip[data-s]").forEach(function(c){c.onclick=function(){if(fs){fs.value=fs.value===c.getAttribute("data-s")?"":c.getAttribute("data-s");run()}}});
D.addEventListener("keydown",function(e){if(e.key==="/"&&!/INPUT|SELECT|TEXTAREA/.test(D.activeElement.tagName)&&!e.ctrlKey&&!e.metaKey&&!e.altKey){e.preventDefault();q.focus()}
 else if(e.key==="Escape"&&D.activeElement===q){q.value="";run()}});
run();
})();
